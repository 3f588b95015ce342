#!/bin/sh
# Makes stand-ins for the base images, from Debian's packages and the Node that npm installed, for machines that
# cannot pull images. They have of the real ones what the Dockerfile and the compose file count on, and no more:
#
#   tributary-stand-in/debian    as debian:bookworm-slim
#   tributary-stand-in/node      as node:26-bookworm-slim, with this machine's npm and its trusted certificates
#   tributary-stand-in/postgres  as postgres:<major>-bookworm, with Debian's PostgreSQL 15 and a small entrypoint
#   tributary-stand-in/nats      as nats, with Debian's nats-server 2.9
#   tributary-stand-in/redis     as redis, with Debian's redis-server 7.0
#
#   sudo tests/deploy/make-stand-ins.sh [MIRROR]
#
# Needs root, debootstrap, a running Docker daemon, and `npm ci` done in this working copy.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
mirror=${1:-http://deb.debian.org/debian}
suite=bookworm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node_package=$(ls -d "$root"/node_modules/node-linux-* "$root"/node_modules/node-bin-linux-* 2>/dev/null | head -n 1)
[ -x "$node_package/bin/node" ] || { echo "no Node for Linux in node_modules: run npm ci" >&2; exit 1; }
# Not `npm root --global`: that goes by the node that is first in the path.
npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
[ -f "$npm_folder/bin/npm-cli.js" ] || { echo "no npm in $npm_folder" >&2; exit 1; }

echo "debian: $suite from $mirror" >&2
debootstrap --variant=minbase "$suite" "$work/debian" "$mirror" > "$work/debootstrap.log" 2>&1 ||
  { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
# The slim images leave these out too.
rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/* "$work"/debian/usr/share/doc/* \
  "$work"/debian/usr/share/man/* "$work"/debian/usr/share/locale/* "$work"/debian/var/log/*
tar -C "$work/debian" --numeric-owner -c . | docker import --change 'CMD ["bash"]' - tributary-stand-in/debian > /dev/null
rm -rf "$work/debian"

echo "node: $("$node_package/bin/node" --version), npm $(npm --version)" >&2
mkdir -p "$work/node/bin" "$work/node/lib/node_modules"
cp "$node_package/bin/node" "$work/node/bin/"
cp -R "$npm_folder" "$work/node/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/node/bin/npx"
# What this machine trusts, the build has to trust: a registry may stand behind a certificate of the site's own.
certificates=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
cp "$certificates" "$work/node/certificates.crt"
cat > "$work/node/Dockerfile" << 'END'
FROM tributary-stand-in/debian
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
COPY . /usr/local/
RUN rm /usr/local/Dockerfile
ENV NODE_EXTRA_CA_CERTS=/usr/local/certificates.crt
CMD ["node"]
END
docker build --quiet --network host --tag tributary-stand-in/node "$work/node" > /dev/null

echo "postgres: 15 from $suite" >&2
mkdir "$work/postgres"
cp "$root/tests/deploy/stand-in-postgres.sh" "$work/postgres/docker-entrypoint.sh"
cat > "$work/postgres/Dockerfile" << 'END'
FROM tributary-stand-in/debian
RUN groupadd -r postgres --gid=999 \
  && useradd -r -g postgres --uid=999 --home-dir=/var/lib/postgresql --shell=/bin/bash postgres \
  && apt-get update && apt-get install -y --no-install-recommends postgresql-common \
  && sed -ri 's/#(create_main_cluster) .*$/\1 = false/' /etc/postgresql-common/createcluster.conf \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-15 \
  && rm -rf /var/lib/apt/lists/* /var/lib/postgresql \
  && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql \
  && install -d -o postgres -g postgres -m 3777 /var/run/postgresql \
  && mkdir /docker-entrypoint-initdb.d
ENV PATH=$PATH:/usr/lib/postgresql/15/bin PGDATA=/var/lib/postgresql/15/docker
COPY docker-entrypoint.sh /usr/local/bin/
RUN chmod 0755 /usr/local/bin/docker-entrypoint.sh
VOLUME /var/lib/postgresql
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
END
docker build --quiet --network host --tag tributary-stand-in/postgres "$work/postgres" > /dev/null

echo "nats, redis: from $suite" >&2
for server in nats redis; do
  mkdir "$work/$server"
  cat > "$work/$server/Dockerfile" << END
FROM tributary-stand-in/debian
RUN apt-get update && apt-get install -y --no-install-recommends $server-server && rm -rf /var/lib/apt/lists/*
$([ $server = nats ] && echo 'ENTRYPOINT ["nats-server"]')
END
  docker build --quiet --network host --tag "tributary-stand-in/$server" "$work/$server" > /dev/null
done

docker images 'tributary-stand-in/*' >&2
