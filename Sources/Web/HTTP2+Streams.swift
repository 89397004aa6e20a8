internal import Base
internal import CNGHTTP2

// What nghttp2 tells of streams, and what becomes of it. All but `answer` and `flow` is called from inside nghttp2.
extension HTTP2 {
  func begin(_ number: Int32) -> Bool {
    guard streams.count < loop.limits.streams else { return false }
    streams[number] = HTTP2Stream(number, at: loop.now)
    if streams.count == 1 { watch() }
    return true
  }

  func header(_ number: Int32, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    unsafe streams[number]?.take(name, value, loop.limits)
  }

  func headComplete(_ number: Int32, isLast: Bool) {
    guard let stream = streams[number] else { return }
    stream.isOpen = !isLast
    let head = stream.head
    do throws(HeadFault) {
      if let fault = stream.fault { throw fault }
      guard HeadParser.isKnown(head.method) else { throw .unknownMethod }
      let framing = try head.framing()
      let expectsContinue = try head.expectsContinue()
      let request = try head.request(on: connection)
      (stream.request, stream.head) = (request, Head())
      route(stream, request, framing, hasLength: head.fields.count("content-length") > 0, expectsContinue)
    } catch { refuse(stream, error.refusal) }
  }

  private func route(
    _ stream: HTTP2Stream, _ request: Request, _ framing: Head.Framing, hasLength: Bool, _ expectsContinue: Bool
  ) {
    guard case .length(let length) = framing else { return }
    stream.owner = request.origin
    switch loop.handler.handle(request) {
    case .answer(let response): write(stream, response, nil)
    case .body(let limit, let lead, let owner, let announced, let then):
      guard length <= limit else { return refuse(stream, .tooLong(limit, request)) }
      stream.owner = owner ?? request.origin
      let expected = stream.isOpen ? (hasLength ? length : nil) : 0
      guard
        let builder = BodyBuilder(
          loop.pool, expecting: expected, limit: limit, lead: lead, owner: stream.owner)
      else { return refuse(stream, .noMemory(request)) }
      stream.builder = consume builder
      (stream.then, stream.announced) = (then, expected == nil ? announced : nil)
      if !stream.isOpen { return start(stream) }
      if expectsContinue { goOn(stream) }
    case .stream(let limit, let owner, let sink):
      guard length <= limit ?? .max else { return refuse(stream, .tooLong(limit ?? .max, request)) }
      stream.owner = owner ?? request.origin
      take(stream, request, limit: limit ?? .max, to: sink, expectsContinue)
    }
  }

  func data(_ number: Int32, _ bytes: UnsafeRawBufferPointer) {
    guard let stream = streams[number] else { return discard(bytes.count) }
    if let feed = stream.feed, let request = stream.request {
      return unsafe handOn(bytes, stream, to: feed, request)
    }
    guard stream.builder != nil, let request = stream.request else { return readAway(stream, bytes.count) }
    if let announced = stream.announced.take(), let count = unsafe announced(bytes.bytes) {
      stream.builder!.expect(count)
    }
    switch unsafe stream.builder!.append(bytes) {
    case .fits:
      bytesIn += bytes.count
      stream.bytesIn += bytes.count
      consume(stream, bytes.count)
    case .tooLong(let limit):
      refuse(stream, .tooLong(limit, request))
      readAway(stream, bytes.count)
    case .noMemory:
      refuse(stream, .noMemory(request))
      readAway(stream, bytes.count)
    }
  }

  /// What comes behind an answer that was given from the head: a little is let in, and for more there is no window.
  private func readAway(_ stream: HTTP2Stream, _ count: Int) {
    stream.bytesAway += count
    if stream.bytesAway <= loop.limits.discardedBytes { consume(stream, count) } else { discard(count) }
  }

  /// The client has sent all of its request.
  func complete(_ number: Int32) {
    guard let stream = streams[number] else { return }
    stream.isOpen = false
    if stream.feed != nil { handedOn(stream) }
    if stream.builder != nil { start(stream) }
  }

  private func start(_ stream: HTTP2Stream) {
    guard let request = stream.request, let then = stream.then, let builder = stream.builder.take() else { return }
    stream.then = nil
    let call = Call(request, connection, stream: stream.number)
    stream.call = call
    then(builder.finish(), Exchange(call))
  }

  // MARK: answering

  func answer(_ call: Call, _ response: Response, _ flow: Flow?) {
    guard let stream = streams[call.stream], stream.call === call else {
      flow?.leave()
      return
    }
    if !call.isConversation { cutShort(stream) }
    write(stream, response, flow)
    pump()
  }

  private func write(_ stream: HTTP2Stream, _ response: Response, _ flow: Flow?) {
    let size = response.byteCount
    let isBare = stream.request?.method == "HEAD" || response.status == 204 || response.status == 304
    (stream.status, stream.trailers) = (response.status, response.trailers)
    if size == 0, response.trailers.isEmpty { stream.bareHeaders = response.headers }
    if !isBare, let body = response.sourceBody, !body.range.isEmpty { return begin(stream, response, body) }
    if isBare {
      flow?.leave()
    } else {
      guard stream.hold(size, in: loop.answers, for: stream.owner.isEmpty ? connection.owner : stream.owner) else {
        flow?.leave()
        return reset(stream.number, NGHTTP2_ENHANCE_YOUR_CALM)
      }
      stream.append(response.body)
      stream.append(response.tail)
      (stream.flow, stream.end) = (flow, flow == nil ? .whole : nil)
      if flow != nil { flowing += 1 }
    }
    if flow == nil || isBare { stream.call = nil }
    let hasSize = flow == nil && response.trailers.isEmpty
    let headers = HTTP2Headers(response, size: hasSize ? size : nil, date: loop.date.line())
    submit(stream, headers, hasData: !isBare && (size > 0 || flow != nil))
  }

  /// An answer whose body is read while it is sent.
  private func begin(_ stream: HTTP2Stream, _ response: Response, _ body: SourceBody) {
    guard let request = stream.request else { return }
    let call = Call(request, connection, stream: stream.number)
    _ = call.claim()
    let owner = stream.owner.isEmpty ? connection.owner : stream.owner
    let flow = Flow(call, size: body.range.count, owner: owner)
    (stream.call, stream.flow, stream.end) = (call, flow, nil)
    flowing += 1
    submit(stream, HTTP2Headers(response, size: flow.size, date: loop.date.line()), hasData: true)
    SourcePump(body, into: flow, on: loop.sourceThreads).start()
  }

  func refuse(_ stream: HTTP2Stream, _ refusal: RejectedRequest) {
    stream.builder = nil
    stream.then = nil
    if let feed = stream.feed {
      let isFirst = stream.call?.refuse(refusal.fault) ?? true
      feed.end(.broken)
      cutShort(stream)
      // Else an answer is on its way.
      guard isFirst else { return }
      stream.call = nil
    }
    loop.counters.refused()
    write(stream, loop.handler.answer(to: refusal), nil)
  }

  func flow(_ call: Call) {
    guard let stream = streams[call.stream], stream.call === call else { return }
    resume(stream)
    pump()
  }

  enum Reading {
    /// `bodyEnd` where trailers follow.
    case bytes(Int), bodyEnd(Int), last(Int), later, brokenOff
  }

  /// Data of an answer, as much as there is room for.
  func read(_ number: Int32, into room: UnsafeMutableRawBufferPointer) -> Reading {
    guard let stream = streams[number] else { return .brokenOff }
    if stream.isEmpty, stream.end == nil, let flow = stream.flow {
      let (parts, end, trailers) = flow.take()
      for part in parts { stream.append(part) }
      stream.end = end
      if let trailers { stream.trailers = trailers }
    }
    let count = unsafe stream.read(into: room)
    bytesOut += count
    stream.flow?.passed(count)
    if !stream.isEmpty { return .bytes(count) }
    switch stream.end {
    case .whole:
      return submitTrailers(stream) ? .bodyEnd(count) : .last(count)
    case .brokenOff: return .brokenOff
    case nil:
      if count > 0 { return .bytes(count) }
      stream.isDeferred = true
      return .later
    }
  }

  /// Nothing more will be sent on it.
  func sentLast(_ number: Int32) {
    guard let stream = streams[number] else { return }
    stream.answeredAt = Clock.now
    // What was said while the body came has ended before it.
    if let feed = stream.feed {
      feed.end(.broken)
      cutShort(stream)
    }
    if isEnding, stream.isOpen { reset(number, NGHTTP2_NO_ERROR) }
  }

  /// What has no end of its own ends here, orderly.
  func endForGood(_ stream: HTTP2Stream) {
    guard let flow = stream.flow, flow.size == nil, stream.end == nil else { return }
    if let call = stream.call, call.isConversation {
      // Its sink ends it, behind the answers that are owed.
      if stream.feed != nil, let request = stream.request { refuse(stream, .ending(request)) }
      return
    }
    flow.leave()
    stream.end = .whole
    if let call = stream.call { loop.left(call) }
    resume(stream)
  }

  func closed(_ number: Int32, isWhole: Bool) {
    guard let stream = streams.removeValue(forKey: number) else { return }
    close(stream, isWhole: isWhole)
    if streams.isEmpty { watch() }
  }

  /// Tells all whom it concerns that a stream has ended.
  func close(_ stream: HTTP2Stream, isWhole: Bool) {
    let isAnswered = stream.answeredAt != nil || isWhole && stream.status > 0
    stream.feed?.end(.broken)
    if let flow = stream.flow {
      flowing -= 1
      flow.leave()
    }
    if let call = stream.call, !isAnswered { loop.left(call) }
    guard let request = stream.request else { return }
    loop.ended(
      Record(
        request: request, status: stream.status > 0 ? stream.status : 499, bytesIn: stream.bytesIn,
        bytesOut: stream.bytesOut, duration: (stream.answeredAt ?? Clock.now) - request.receivedAt,
        clientLeft: !isAnswered && stream.flow?.fault == nil, fault: stream.flow?.fault,
        ending: stream.trailers.isEmpty ? stream.bareHeaders : stream.trailers))
  }
}
