/**
 * The scripts of the Redis store: each is one step that nothing interrupts. Amounts and JSON pass through them as text, as
 * Lua's numbers are doubles.
 *
 *     generations           set of ids that are not retired       live           id of the live one
 *     generation:<g>        purpose, status                       retired        set of ids that are being deleted
 *     source:<g>:<source>   snapshotId, after, items, done        next           the last id of a generation
 *     <g>:head:<customer>   customer, version, held:<currency>, entryCount, orderCount, paymentCount, changedAt
 *     <g>:entry:<id>        customerId, listedAt, part:<part>, version:<part>, held:<part>
 *     <g>:list:<customer>   sorted by name: <milliseconds, 15 digits>:<id> of what is listed
 *     <g>:heads, <g>:entries  sorted by name: all ids
 *     inbox:<consumer>:<message>  a note of a message, which goes after a week
 *     dead:<consumer>, redrive:<consumer>  message -> letter, and when it was asked to be handled again
 *     server                run_id of the server that has the data
 */
const APPLY = `
local P = ARGV[1]
local function field(value) if value == nil or value == cjson.null then return nil end return value end

local function hold(head, text, sign)
  if not text then return end
  local currency, amount = string.match(text, '^(%u+):(%d+)$')
  if redis.call('HINCRBY', head, 'held:' .. currency, sign .. amount) == 0 then
    redis.call('HDEL', head, 'held:' .. currency)
  end
end

local function touch(g, head, change)
  redis.call('ZADD', P .. g .. ':heads', 0, change.customerId)
  local before = redis.call('HGET', head, 'changedAt')
  if not before or before < change.changedAt then redis.call('HSET', head, 'changedAt', change.changedAt) end
end

local function apply(g, change)
  local head = P .. g .. ':head:' .. change.customerId
  local id = field(change.entryId)
  if not id then
    if tonumber(redis.call('HGET', head, 'version') or '0') >= change.version then return end
    redis.call('HSET', head, 'customer', change.value, 'version', change.version)
    return touch(g, head, change)
  end
  local entry = P .. g .. ':entry:' .. id
  local version, held, listed =
    unpack(redis.call('HMGET', entry, 'version:' .. change.part, 'held:' .. change.part, 'listedAt'))
  if version and tonumber(version) >= change.version then return end
  redis.call('HSET', entry, 'part:' .. change.part, change.value, 'version:' .. change.part, change.version)
  redis.call('ZADD', P .. g .. ':entries', 0, id)
  hold(head, held, '-')
  local holds = field(change.held)
  if holds then redis.call('HSET', entry, 'held:' .. change.part, holds) hold(head, holds, '')
  elseif held then redis.call('HDEL', entry, 'held:' .. change.part) end
  if not version and field(change.counts) then redis.call('HINCRBY', head, change.counts, 1) end
  if not listed then
    redis.call('HSET', entry, 'customerId', change.customerId)
    local at = field(change.listedAt)
    if at then
      redis.call('HSET', entry, 'listedAt', at)
      redis.call('ZADD', P .. g .. ':list:' .. change.customerId, 0, at .. ':' .. id)
      redis.call('HINCRBY', head, 'entryCount', 1)
    end
  end
  touch(g, head, change)
end

local function readAgain(g, source, snapshotId)
  local key = P .. 'source:' .. g .. ':' .. source
  redis.call('DEL', key)
  redis.call('HSET', key, 'snapshotId', snapshotId, 'items', 0)
end
`;

/**
 * Notes messages and keeps their effects, of those that were not noted before.
 *
 * ARGV: prefix, seconds that notes are kept, JSON of
 * `[{ note, changes, pages: [{ source, snapshotId, after, next, count, changes }], again: [{ source, snapshotId }], unbury }]`
 */
export const COMMIT = `${APPLY}
local all = redis.call('SMEMBERS', P .. 'generations')
table.sort(all)
for _, message in ipairs(cjson.decode(ARGV[3])) do
  if redis.call('SET', P .. message.note, 1, 'NX', 'EX', ARGV[2]) then
    for _, g in ipairs(all) do
      for _, change in ipairs(message.changes) do apply(g, change) end
    end
    for _, page in ipairs(message.pages) do
      for _, g in ipairs(all) do
        local key = P .. 'source:' .. g .. ':' .. page.source
        local snapshotId, after, done = unpack(redis.call('HMGET', key, 'snapshotId', 'after', 'done'))
        if snapshotId == page.snapshotId and not done and (after or '') == page.after then
          for _, change in ipairs(page.changes) do apply(g, change) end
          redis.call('HINCRBY', key, 'items', page.count)
          if page.next == '' then redis.call('HSET', key, 'done', 1)
          else redis.call('HSET', key, 'after', page.next) end
        end
      end
    end
    for _, again in ipairs(message.again) do
      for _, g in ipairs(all) do readAgain(g, again.source, again.snapshotId) end
    end
    local letter = field(message.unbury)
    if letter then
      redis.call('HDEL', P .. 'dead:' .. letter.consumer, letter.messageId)
      redis.call('HDEL', P .. 'redrive:' .. letter.consumer, letter.messageId)
    end
  end
end
`;

/** ARGV: prefix, purpose, id that readings are named by, sources. Gives the id of the generation. */
export const BEGIN = `${APPLY}
for _, g in ipairs(redis.call('SMEMBERS', P .. 'generations')) do
  local purpose, status = unpack(redis.call('HMGET', P .. 'generation:' .. g, 'purpose', 'status'))
  if purpose == ARGV[2] and status == 'BUILDING' then return tonumber(g) end
end
local g = redis.call('INCR', P .. 'next')
for i = 4, #ARGV do readAgain(g, ARGV[i], ARGV[3]) end
redis.call('HSET', P .. 'generation:' .. g, 'purpose', ARGV[2], 'status', 'BUILDING')
redis.call('SADD', P .. 'generations', g)
return g
`;

/** ARGV: prefix, generation, sources. Gives 1 where it is READY or live from now on. */
export const FINISH = `
local P, g = ARGV[1], ARGV[2]
local purpose, status = unpack(redis.call('HMGET', P .. 'generation:' .. g, 'purpose', 'status'))
if status ~= 'BUILDING' then return 0 end
for i = 3, #ARGV do
  if not redis.call('HGET', P .. 'source:' .. g .. ':' .. ARGV[i], 'done') then return 0 end
end
if purpose == 'SERVE' then
  local old = redis.call('GET', P .. 'live')
  if old then redis.call('SMOVE', P .. 'generations', P .. 'retired', old) end
  redis.call('SET', P .. 'live', g)
end
redis.call('HSET', P .. 'generation:' .. g, 'status', purpose == 'SERVE' and 'LIVE' or 'READY')
return 1
`;

/** ARGV: prefix, generation. */
export const RETIRE = `
if redis.call('GET', ARGV[1] .. 'live') ~= ARGV[2] then
  redis.call('SMOVE', ARGV[1] .. 'generations', ARGV[1] .. 'retired', ARGV[2])
end
`;

/** ARGV: prefix, how many of either kind, sources. Gives how many were deleted. */
export const SWEEP = `
local P = ARGV[1]
local g = redis.call('SRANDMEMBER', P .. 'retired')
if not g then return 0 end
local count = 0
local function pop(ids, kinds)
  local popped = redis.call('ZPOPMIN', P .. g .. ids, ARGV[2])
  for i = 1, #popped, 2 do
    count = count + 1
    for _, kind in ipairs(kinds) do redis.call('UNLINK', P .. g .. kind .. popped[i]) end
  end
end
pop(':entries', { ':entry:' })
pop(':heads', { ':head:', ':list:' })
if count == 0 then
  for i = 3, #ARGV do redis.call('DEL', P .. 'source:' .. g .. ':' .. ARGV[i]) end
  redis.call('DEL', P .. 'generation:' .. g)
  redis.call('SREM', P .. 'retired', g)
end
return count
`;

/** ARGV: prefix, how many segments, the member behind which they start or "", customers. Gives false without a live one. */
export const READ = `
local g = redis.call('GET', ARGV[1] .. 'live')
if not g then return false end
local P = ARGV[1] .. g
local found = {}
for i = 4, #ARGV do
  local entries = {}
  if ARGV[2] ~= '0' then
    local last = ARGV[3] == '' and '+' or '(' .. ARGV[3]
    local members = redis.call('ZREVRANGEBYLEX', P .. ':list:' .. ARGV[i], last, '-', 'LIMIT', 0, ARGV[2])
    for _, member in ipairs(members) do
      local id = string.sub(member, 17)
      entries[#entries + 1] = { id, redis.call('HGETALL', P .. ':entry:' .. id) }
    end
  end
  found[#found + 1] = { ARGV[i], redis.call('HGETALL', P .. ':head:' .. ARGV[i]), entries }
end
return found
`;

/** ARGV: prefix, generation or "" for the live one, `head` or `entry`, ids. Gives false without a live one. */
export const READ_BY_ID = `
local g = ARGV[2]
if g == '' then g = redis.call('GET', ARGV[1] .. 'live') end
if not g then return false end
local found = {}
for i = 4, #ARGV do
  found[#found + 1] = { ARGV[i], redis.call('HGETALL', ARGV[1] .. g .. ':' .. ARGV[3] .. ':' .. ARGV[i]) }
end
return found
`;

/**
 * Has everything read again where the server that has the data is not the one that had it last, as that may have lost
 * something. ARGV: prefix, run_id, 1 where nothing can be lost, id that readings are named by, sources. Gives 1 where it does.
 */
export const CHECK_SERVER = `${APPLY}
local before = redis.call('GET', P .. 'server')
redis.call('SET', P .. 'server', ARGV[2])
if not before or before == ARGV[2] or ARGV[3] == '1' then return 0 end
for _, g in ipairs(redis.call('SMEMBERS', P .. 'generations')) do
  for i = 5, #ARGV do readAgain(g, ARGV[i], ARGV[4]) end
end
return 1
`;
