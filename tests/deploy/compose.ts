import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const root = path.resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** The images that make-stand-ins.sh makes, in place of those that compose would pull. */
const standIns = {
  NODE_IMAGE: "tributary-stand-in/node",
  RUNTIME_IMAGE: "tributary-stand-in/debian",
  POSTGRES_IMAGE: "tributary-stand-in/postgres",
  NATS_IMAGE: "tributary-stand-in/nats",
  REDIS_IMAGE: "tributary-stand-in/redis",
  // Debian's PostgreSQL 15 has no locale provider of its own yet.
  POSTGRES_INITDB_ARGS: "--encoding=UTF8 --locale=C",
};

/** `docker compose` where it is installed, else `docker-compose`; null where no daemon answers either. */
export function findCompose(): string[] | null {
  if (spawnSync("docker", ["info"], { stdio: "ignore" }).status !== 0) return null;
  for (const command of [["docker", "compose"], ["docker-compose"]]) {
    if (spawnSync(command[0]!, [...command.slice(1), "version"], { stdio: "ignore" }).status === 0)
      return command;
  }
  return null;
}

/** One deployment of docker-compose.yml, beside any other: a name, volumes, networks and a port of its own. */
export class Deployment {
  readonly #command: readonly string[];
  readonly #project = `tributary-test-${randomBytes(4).toString("hex")}`;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "tributary-deploy-"));

  constructor(command: readonly string[], images: "stand-ins" | "pulled") {
    this.#command = command;
    this.#environment = {
      ...process.env,
      ...(images === "stand-ins" ? { ...standIns, NATS_CONFIG: this.#olderNatsConfig() } : {}),
      IMAGE_TAG: "test",
      GATEWAY_PUBLISH: "127.0.0.1:0",
    };
  }

  /** @returns a file with the settings that are shipped, but for the one that Debian's nats-server is too old for */
  #olderNatsConfig(): string {
    const shipped = readFileSync(path.join(root, "deploy/nats/nats.conf"), "utf8");
    const file = path.join(this.#folder, "nats.conf");
    writeFileSync(file, shipped.replace(/^ *sync_interval: .*$/m, ""));
    return file;
  }

  /** Ends it, with all that it stored. */
  async remove(): Promise<void> {
    await this.compose(["--profile", "nats", "--profile", "redis", "down", "--volumes"]);
    rmSync(this.#folder, { recursive: true });
  }

  /** Runs a command of compose. @returns what it wrote to its standard output @throws with what it wrote, where it fails */
  async compose(args: readonly string[], settings: Record<string, string> = {}): Promise<string> {
    const [file, ...first] = [...this.#command, "--project-name", this.#project, ...args];
    const { stdout } = await run(file!, first, {
      cwd: root,
      env: { ...this.#environment, ...settings },
      maxBuffer: 2 ** 26,
    });
    return stdout;
  }

  async docker(...args: string[]): Promise<string> {
    return (await run("docker", args, { maxBuffer: 2 ** 26 })).stdout.trim();
  }

  async container(service: string): Promise<string> {
    return (await this.compose(["ps", "--quiet", service])).trim();
  }

  /** Runs a script in the container of a service that runs. */
  async evaluate(service: string, script: string): Promise<string> {
    return this.docker(
      "exec",
      await this.container(service),
      "node",
      "--input-type=module",
      "--eval",
      script,
    );
  }

  async health(service: string): Promise<string> {
    return this.docker("inspect", "--format", "{{.State.Health.Status}}", await this.container(service));
  }

  /** What Docker says of one of the deployment's networks. */
  async network(name: string, format: string): Promise<string> {
    return this.docker("network", "inspect", "--format", format, `${this.#project}_${name}`);
  }

  async gatewayUrl(): Promise<string> {
    return `http://${(await this.compose(["port", "gateway", "4000"])).trim()}`;
  }

  async token(...args: string[]): Promise<string> {
    return (await this.compose(["run", "--rm", "-T", "token", ...args])).trim();
  }
}
