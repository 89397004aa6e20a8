internal import Redis

extension BusLua {
  /// Group, whether it is to be held.
  static let hold = script(
    counting, making,
    #"""
    local g, hold = find(ARGV[2]), ARGV[3] == '1'
    if not g and hold then g = make(ARGV[2]) end
    if not g or g.held == hold then return 0 end
    call('HSET', P .. 'g' .. g.id, 'held', ARGV[3])
    g.held = hold
    tick()
    if g.queue == '' then return 1 end
    for priority = 0, 9 do
      if hold then call('ZREM', P .. 'o' .. g.queue, priority .. ':' .. g.id) else lane(g, priority) end
    end
    local waiting = tonumber(call('HGET', P .. 'g' .. g.id, 'w') or 0)
    ready(g.queue, hold and 0 - waiting or waiting)
    return 1
    """#)

  private static let killing = #"""
    local function kill(id, live)
      for priority = 0, 9 do call('UNLINK', P .. 'l' .. id .. ':' .. priority) end
      call('UNLINK', P .. 'g' .. id, P .. 'a' .. id)
      call('HSET', P .. 'left', id, whole(live) .. ' 0')
      call('ZADD', P .. 'dead', id, id)
    end
    local function number(value) return tonumber(value or 0) end
    """#

  /// Takes a group out of sight, and out of its queue's counts; gives how many tasks it had.
  static let removeGroup = script(
    counting, killing,
    #"""
    local g = find(ARGV[2])
    if not g then return 0 end
    call('HDEL', P .. 'gn', g.name)
    local all, done = 0, 0
    for _, state in ipairs({'w', 'l', 'd', 'a', 'n'}) do
      local some = number(call('HGET', P .. 'g' .. g.id, state))
      count(g, state, 0 - some)
      all = all + some
      if state == 'n' then done = some end
    end
    if g.queue ~= '' then
      for priority = 0, 9 do call('ZREM', P .. 'o' .. g.queue, priority .. ':' .. g.id) end
      call('SREM', P .. 'qg' .. g.queue, g.id)
    end
    kill(g.id, all - done)
    tick()
    return all
    """#)

  /// Takes a queue out of sight, and all of its groups with it.
  static let removeQueue = script(
    killing,
    #"""
    local id = call('HGET', P .. 'qn', ARGV[2])
    if not id then return 0 end
    local v = call('HMGET', P .. 'q' .. id, 'w', 'l', 'd', 'a', 'n', 'ready')
    call('HDEL', P .. 'qn', ARGV[2])
    call('ZREM', P .. 'qr', id)
    call('ZREM', P .. 'qs', id)
    call('UNLINK', P .. 'q' .. id, P .. 'o' .. id)
    call('HINCRBY', S, 'ready', 0 - number(v[6]))
    call('HINCRBY', S, 'leased', 0 - number(v[2]))
    call('SADD', P .. 'deadq', id)
    tick()
    return number(v[1]) + number(v[2]) + number(v[3]) + number(v[4]) + number(v[5])
    """#)

  /// Takes away a part of what removed groups had; gives 0 where there is nothing more.
  ///
  /// Nothing comes to a dead group, so one walk through its keys meets all of its tasks.
  static let sweep = script(
    killing,
    #"""
    local id = call('ZRANGE', P .. 'dead', 0, 0)[1]
    if id then
      local live, cursor = string.match(call('HGET', P .. 'left', id), '^(%d+) (%d+)$')
      live = tonumber(live)
      local found = live > 0 and call('HSCAN', P .. 'k' .. id, cursor, 'COUNT', ARGV[2]) or {'0', {}}
      for i = 2, #found[2], 2 do
        local task = found[2][i]
        if task ~= '' then
          call('ZREM', P .. 'due', task)
          call('UNLINK', P .. 't' .. task, P .. 'b' .. task, P .. 'r' .. task)
          live = math.max(0, live - 1)
        end
      end
      if live == 0 or found[1] == '0' then
        call('UNLINK', P .. 'k' .. id)
        call('ZREM', P .. 'dead', id)
        call('HDEL', P .. 'left', id)
      else
        call('HSET', P .. 'left', id, whole(live) .. ' ' .. found[1])
      end
      return 1
    end
    local queue = call('SRANDMEMBER', P .. 'deadq')
    if not queue then return 0 end
    local some = call('SPOP', P .. 'qg' .. queue, 50)
    for _, id in ipairs(some) do
      local v = call('HMGET', P .. 'g' .. id, 'name', 'w', 'l', 'd', 'a')
      if call('HGET', P .. 'gn', v[1]) == id then call('HDEL', P .. 'gn', v[1]) end
      kill(id, number(v[2]) + number(v[3]) + number(v[4]) + number(v[5]))
    end
    if #some == 0 then call('SREM', P .. 'deadq', queue) end
    return 1
    """#)

  private static let again = #"""
    local function again(t, g)
      leave(t, g)
      t.allowed = t.attempts + t.most
      enter(t, g, 'w')
    end
    """#

  /// Group; gives how many of its tasks are set aside, without a look at what time has brought about.
  static let countAside = script(
    #"""
    local g = find(ARGV[2])
    return g and call('ZCARD', P .. 'a' .. g.id) or 0
    """#)

  /// Group, how many at most; gives how many wait again.
  static let retryGroup = script(
    counting, moving, again,
    #"""
    local g = find(ARGV[2])
    if not g then return 0 end
    local ids = call('ZRANGE', P .. 'a' .. g.id, 0, ARGV[3] - 1)
    for _, id in ipairs(ids) do again(read(id), g) end
    if #ids > 0 then tick() end
    return #ids
    """#)

  /// Group, key.
  static let retryTask = script(
    counting, moving, again,
    #"""
    local g = find(ARGV[2])
    local id = g and call('HGET', P .. 'k' .. g.id, ARGV[3])
    local t = id and id ~= '' and read(id)
    if not t or t.state ~= 'a' then return 0 end
    again(t, g)
    tick()
    return 1
    """#)

  /// Gives whether time has more to do, and how many are ready, wait, are lent, delayed, set aside and done.
  static let countGroup = script(
    counting, moving,
    #"""
    local more, g = settle(), find(ARGV[2])
    if not g then return {more, 0, 0, 0, 0, 0, 0} end
    local v = call('HMGET', P .. 'g' .. g.id, 'w', 'l', 'd', 'a', 'n')
    for i = 1, 5 do v[i] = tonumber(v[i] or 0) end
    return {more, g.held and 0 or v[1], v[1], v[2], v[3], v[4], v[5]}
    """#)

  /// The same of a queue.
  static let countQueue = script(
    counting, moving,
    #"""
    local more, id = settle(), call('HGET', P .. 'qn', ARGV[2])
    if not id then return {more, 0, 0, 0, 0, 0, 0} end
    local v = call('HMGET', P .. 'q' .. id, 'ready', 'w', 'l', 'd', 'a', 'n')
    for i = 1, 6 do v[i] = tonumber(v[i] or 0) end
    return {more, unpack(v)}
    """#)

  /// Group, the number behind which to begin, how many; gives numbers of tasks that are set aside.
  static let asidePage = script(
    #"""
    local g = find(ARGV[2])
    return g and call('ZRANGEBYSCORE', P .. 'a' .. g.id, '(' .. ARGV[3], '+inf', 'LIMIT', 0, ARGV[4]) or {}
    """#)

  /// Group, tasks; gives those that are set aside in it, each with its failures.
  static let asideTasks = script(
    counting, moving,
    #"""
    local g, found = find(ARGV[2]), {}
    if not g then return found end
    local queue = call('HGET', P .. 'q' .. g.queue, 'name')
    for i = 3, #ARGV do
      local t = read(ARGV[i])
      if t and t.state == 'a' and t.group == g.id then
        found[#found + 1] = {t.id, call('GET', P .. 'b' .. t.id), queue, g.name, t.priority, t.most,
          call('LRANGE', P .. 'r' .. t.id, 0, -1)}
      end
    end
    return found
    """#)

  static let knowsQueue = script("return call('HEXISTS', P .. 'qn', ARGV[2])")
}
