internal import Redis

/// The first argument of each is the time where it is told; a task comes as its number, a body (see ``BusLua``) and more.
extension BusLua {
  /// Six arguments a task; gives whether each is new, or `{-1, which, queue}` where its group lies in another queue.
  static let add = script(
    counting, making,
    #"""
    local into, queues = {}, {}
    for i = 2, #ARGV, 6 do
      local name = ARGV[i + 2]
      if into[name] == nil then
        into[name] = find(name) or false
        local queue = into[name] and into[name].queue or ''
        queues[name] = queue ~= '' and call('HGET', P .. 'q' .. queue, 'name') or ARGV[i + 1]
      end
      if queues[name] ~= ARGV[i + 1] then return {-1, (i - 2) / 6, queues[name]} end
    end
    tick()
    local isNew, counts, lanes = {}, {}, {}
    for i = 2, #ARGV, 6 do
      local key, name, priority = ARGV[i], ARGV[i + 2], ARGV[i + 3]
      local g = into[name] or make(name)
      into[name] = g
      if g.queue == '' then place(g, ARGV[i + 1]) end
      local added = call('HEXISTS', P .. 'k' .. g.id, key) == 0
      isNew[#isNew + 1] = added and 1 or 0
      if added then
        local id = whole(call('HINCRBY', S, 'task', 1))
        call('HSET', P .. 'k' .. g.id, key, id)
        call('HSET', P .. 't' .. id, 'g', g.id, 'p', priority, 's', 'w', 'a', '0', 'w', ARGV[i + 5], 'm', ARGV[i + 5],
          'f', '', 'r', '')
        call('SET', P .. 'b' .. id, #key .. ' ' .. key .. ARGV[i + 4])
        call('ZADD', P .. 'l' .. g.id .. ':' .. priority, id, id)
        counts[g] = (counts[g] or 0) + 1
        lanes[g] = lanes[g] or {}
        lanes[g][priority] = true
      end
    end
    for g, number in pairs(counts) do
      for priority in pairs(lanes[g]) do lane(g, priority) end
      count(g, 'w', number)
    end
    return isNew
    """#)

  /// Worker, lease, fence; gives nothing, or a task.
  static let claim = script(
    counting, moving,
    #"""
    settle()
    local queue = call('ZRANGE', P .. 'qr', 0, 0)[1]
    if not queue then return false end
    local priority, number = string.match(call('ZRANGE', P .. 'o' .. queue, 0, 0)[1], '^(%d):(%d+)$')
    local g = group(number)
    local t = read(call('ZRANGE', P .. 'l' .. number .. ':' .. priority, 0, 0)[1])
    leave(t, g)
    t.attempts, t.worker, t.fence = t.attempts + 1, ARGV[2], ARGV[4]
    enter(t, g, 'l', now + ARGV[3])
    turns(queue, 1)
    tick()
    return {t.id, call('GET', P .. 'b' .. t.id), call('HGET', P .. 'q' .. queue, 'name'), g.name, t.priority, t.most,
      t.attempts, t.allowed}
    """#)

  /// Task, fence, lease; gives 1 where the claim holds.
  static let extend = script(
    counting, moving,
    #"""
    local t = held(ARGV[2], ARGV[3])
    if not t then return 0 end
    call('ZREM', P .. 'due', t.id)
    call('ZADD', P .. 'due', whole(now + ARGV[4]), t.id)
    tick()
    return 1
    """#)

  /// Task, fence, turns.
  static let acknowledge = script(
    counting, moving,
    #"""
    local t, g = held(ARGV[2], ARGV[3])
    if not t then return 0 end
    leave(t, g)
    local body = call('GETRANGE', P .. 'b' .. t.id, 0, 300)
    local length, start = string.match(body, '^(%d+) ()')
    call('HSET', P .. 'k' .. g.id, string.sub(body, start, start + length - 1), '')
    drop(t.id)
    count(g, 'n', 1)
    turns(g.queue, tonumber(ARGV[4]))
    tick()
    return 1
    """#)

  /// Task, fence, reason, whether it may be tried again, delay; gives 0 where the claim does not hold, 1 again, 2 set aside.
  static let fail = script(
    counting, moving,
    #"""
    local t, g = held(ARGV[2], ARGV[3])
    if not t then return 0 end
    leave(t, g)
    note(t, ARGV[4])
    tick()
    if ARGV[5] ~= '1' or t.attempts >= t.allowed then
      enter(t, g, 'a')
      return 2
    end
    delay(t, g, tonumber(ARGV[6]))
    return 1
    """#)

  /// Task, fence, delay, turns.
  static let giveBack = script(
    counting, moving,
    #"""
    local t, g = held(ARGV[2], ARGV[3])
    if not t then return 0 end
    leave(t, g)
    t.attempts = t.attempts - 1
    delay(t, g, tonumber(ARGV[4]))
    turns(g.queue, tonumber(ARGV[5]))
    tick()
    return 1
    """#)

  /// Gives whether time has more to do, how many are ready and lent, the name of the last entry of `wake`, and after how many microseconds a
  /// lease or a delay is over, -1 where there is none.
  static let look = script(
    counting, moving,
    #"""
    local more = settle()
    local v = call('HMGET', S, 'ready', 'leased')
    local last = call('XREVRANGE', P .. 'wake', '+', '-', 'COUNT', 1)[1]
    local due = call('ZRANGE', P .. 'due', 0, 0, 'WITHSCORES')[2]
    return {more, tonumber(v[1] or 0), tonumber(v[2] or 0), last and last[1] or '0-0',
      due and math.max(0, tonumber(due) - now) or -1}
    """#)
}
