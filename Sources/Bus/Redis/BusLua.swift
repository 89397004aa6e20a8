internal import Redis

/// What a bus has a Redis server do, each at one moment: scripts in Lua, all of which begin with the same words.
///
/// Keys, each behind the bus's prefix in braces; numbers are made by counting and never used again:
///
/// - `s`, a hash: `format`; the time (see ``beginning``); the last numbers; `ready` and `leased`, of all queues.
/// - `qn`, a hash: numbers of queues by name. `q7`: a queue's name, its tasks by state and those that are `ready`: that wait, and whose
///   group is not held. `qs`, a sorted set: turns that queues had; `qr`: those of them that are ready. `qg7`, a set: its groups.
/// - `gn`: numbers of groups by name. `g7`, a hash: a group's name, queue, whether it is held, its tasks by state. Without it, or without its queue,
///   a group is gone, whatever is still there of it.
/// - `l7:5`, a sorted set: the tasks of group 7 with priority 5 that wait, by age. `o7`: such lanes of queue 7 that are not held, by priority and
///   the age of their first. So a group is held or released without a look at its tasks.
/// - `t7`, a hash: a task's group, priority, state, attempts, how many it is allowed, its most, fence and worker (`gpsawmfr`); short, as Redis keeps
///   small hashes in a fifth of the room. `b7`: its key's length, key and payload. `r7`, a list: its failures.
/// - `due`: tasks that are lent or delayed, by when that ends. `a7`: the tasks of a group that are set aside, by age.
/// - `k7`, a hash: all keys that were ever added to a group, with the number of the task, or nothing once it is done.
/// - `wake`, a stream of one entry, which is another whenever the first task becomes ready: those that wait for tasks wait for it.
/// - `dead` and `left`: groups that are being swept, with the tasks they may have and how far it is; `deadq`: queues that are.
///
/// States: `w` waits, `l` is lent, `d` is delayed, `a` set aside, `n` done. A script begins with what Redis allows also where its memory is full, unless
/// it is to be refused there: once a script has written, all the rest is allowed.
enum BusLua {
  static func script(_ parts: String...) -> RedisScript { RedisScript(([beginning] + parts).joined(separator: "\n")) }

  /// The time is the server's, as long as it does not go back: it then goes on from where it was.
  private static let beginning = #"""
    local P, S, call = KEYS[1], KEYS[1] .. 's', redis.call
    local known = call('HMGET', S, 'format', 'time', 'wall')
    if known[1] and tonumber(known[1]) > 1 then return redis.error_reply('NEWER format') end
    local wall, date
    if ARGV[1] == '' then
      local time = call('TIME')
      wall, date = time[1] * 1000000 + time[2], time[1]
    else
      wall, date = string.match(ARGV[1], '^(%-?%d+) (%-?%d+)$')
      wall = tonumber(wall)
    end
    local now = wall
    if known[2] then now = tonumber(known[2]) + math.max(0, wall - tonumber(known[3])) end
    local function whole(number) return string.format('%.0f', number) end
    local function tick() call('HSET', S, 'format', '1', 'time', whole(now), 'wall', whole(wall)) end
    if known[2] and wall < tonumber(known[3]) then
      redis.pcall('HSET', S, 'time', whole(now), 'wall', whole(wall))
    end

    local groups = {}
    local function group(id)
      if groups[id] == nil then
        local v = call('HMGET', P .. 'g' .. id, 'name', 'queue', 'held')
        local there = v[1] and (v[2] == '' or call('EXISTS', P .. 'q' .. v[2]) == 1)
        groups[id] = there and {id = id, name = v[1], queue = v[2], held = v[3] == '1'} or false
      end
      return groups[id]
    end
    local function find(name)
      local id = call('HGET', P .. 'gn', name)
      return id and group(id) or nil
    end
    """#

  /// Counting tasks, and what follows for the turns of queues.
  static let counting = #"""
    -- a queue that was without tasks has no turns saved up, and owes none to one that comes later
    local function ready(queue, by)
      if by == 0 then return end
      local after = call('HINCRBY', P .. 'q' .. queue, 'ready', by)
      if by > 0 and after == by then
        local least = call('ZRANGE', P .. 'qr', 0, 0, 'WITHSCORES')[2]
          or call('ZREVRANGE', P .. 'qs', 0, 0, 'WITHSCORES')[2]
        local served = math.max(tonumber(call('ZSCORE', P .. 'qs', queue)), tonumber(least))
        call('ZADD', P .. 'qs', whole(served), queue)
        call('ZADD', P .. 'qr', whole(served), queue)
      elseif after == 0 then
        call('ZREM', P .. 'qr', queue)
      end
      local all = call('HINCRBY', S, 'ready', by)
      if by > 0 and all == by then call('XADD', P .. 'wake', 'MAXLEN', '1', '*', 'w', '1') end
    end
    local function count(g, state, by)
      if by == 0 then return end
      call('HINCRBY', P .. 'g' .. g.id, state, by)
      if g.queue == '' then return end
      call('HINCRBY', P .. 'q' .. g.queue, state, by)
      if state == 'l' then call('HINCRBY', S, 'leased', by) end
      if state == 'w' and not g.held then ready(g.queue, by) end
    end
    local function turns(queue, by)
      if by > 0 then call('ZADD', P .. 'qr', 'XX', call('ZINCRBY', P .. 'qs', by, queue), queue) end
    end
    local function lane(g, priority)
      if g.held then return end
      local first = call('ZRANGE', P .. 'l' .. g.id .. ':' .. priority, 0, 0)[1]
      local name = priority .. ':' .. g.id
      if first then
        call('ZADD', P .. 'o' .. g.queue, whole((9 - priority) * 281474976710656 + first), name)
      else
        call('ZREM', P .. 'o' .. g.queue, name)
      end
    end
    """#

  /// A task from one state to another, and what time has brought about.
  static let moving = #"""
    local function read(id)
      local v = call('HMGET', P .. 't' .. id, 'g', 'p', 's', 'a', 'w', 'm', 'f', 'r')
      return v[1] and {id = id, group = v[1], priority = v[2], state = v[3], attempts = tonumber(v[4]),
        allowed = tonumber(v[5]), most = tonumber(v[6]), fence = v[7], worker = v[8]} or nil
    end
    local function leave(t, g)
      if t.state == 'w' then
        call('ZREM', P .. 'l' .. g.id .. ':' .. t.priority, t.id)
        lane(g, t.priority)
      else
        call('ZREM', t.state == 'a' and P .. 'a' .. g.id or P .. 'due', t.id)
      end
      count(g, t.state, -1)
    end
    local function enter(t, g, state, time)
      if state ~= 'l' then t.fence, t.worker = '', '' end
      call('HSET', P .. 't' .. t.id, 's', state, 'a', t.attempts, 'w', t.allowed, 'f', t.fence, 'r', t.worker)
      if state == 'w' then
        call('ZADD', P .. 'l' .. g.id .. ':' .. t.priority, t.id, t.id)
        lane(g, t.priority)
      elseif state == 'a' then
        call('ZADD', P .. 'a' .. g.id, t.id, t.id)
      else
        call('ZADD', P .. 'due', whole(time), t.id)
      end
      count(g, state, 1)
    end
    local function delay(t, g, time)
      if time == 0 then enter(t, g, 'w') else enter(t, g, 'd', now + time) end
    end
    local function note(t, reason)
      local list = P .. 'r' .. t.id
      call('RPUSH', list, t.attempts .. ' ' .. date .. ' ' .. #t.worker .. ' ' .. t.worker .. reason)
      call('LTRIM', list, -100, -1)
    end
    local function drop(id) call('UNLINK', P .. 't' .. id, P .. 'b' .. id, P .. 'r' .. id) end
    local function held(id, fence)
      local t = read(id)
      local g = t and t.state == 'l' and t.fence == fence and group(t.group)
      if g then return t, g end
    end
    -- 1 where there is more to do
    local function settle()
      local ids = call('ZRANGEBYSCORE', P .. 'due', '-inf', whole(now), 'LIMIT', 0, 256)
      for _, id in ipairs(ids) do
        local t = read(id)
        local g = t and group(t.group)
        if not g then
          call('ZREM', P .. 'due', id)
          drop(id)
        else
          leave(t, g)
          local ended = t.state == 'l'
          if ended then note(t, 'the lease ran out: the worker ended, hung or was stopped') end
          enter(t, g, ended and t.attempts >= t.allowed and 'a' or 'w')
        end
      end
      if #ids > 0 then tick() end
      return #ids == 256 and 1 or 0
    end
    """#

  /// Groups and queues that are not there yet.
  static let making = #"""
    local function make(name)
      local id = whole(call('HINCRBY', S, 'group', 1))
      call('HSET', P .. 'gn', name, id)
      call('HSET', P .. 'g' .. id, 'name', name, 'queue', '', 'held', '0')
      groups[id] = {id = id, name = name, queue = '', held = false}
      return groups[id]
    end
    local function place(g, name)
      local id = call('HGET', P .. 'qn', name)
      if not id then
        id = whole(call('HINCRBY', S, 'queue', 1))
        call('HSET', P .. 'qn', name, id)
        call('HSET', P .. 'q' .. id, 'name', name, 'ready', '0')
        call('ZADD', P .. 'qs', '0', id)
      end
      call('HSET', P .. 'g' .. g.id, 'queue', id)
      call('SADD', P .. 'qg' .. id, g.id)
      g.queue = id
    end
    """#
}
