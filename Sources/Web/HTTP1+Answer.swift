internal import Base

extension HTTP1 {
  func answer(_ call: Call, _ response: Response, _ flow: Flow?) {
    guard call === self.call else {
      flow?.leave()
      return
    }
    if phase == .body { cutShort() }
    if let flow {
      begin(response, flow)
    } else {
      self.call = nil
      write(response)
    }
    if phase != .answering { connection.wake() }
  }

  func write(_ response: Response) {
    guard let request else { return }
    let bare = request.method == "HEAD" || response.status == 204 || response.status == 304
    if !bare, let body = response.sourceBody, !body.range.isEmpty { return begin(response, body, request) }
    let size = response.byteCount
    sent = (response.status, bare ? 0 : size)
    phase = .answering
    writeHead(response, size: size, request.version)
    if bare {
      connection.send(loop.scratch)
    } else if size <= 16 << 10 {
      loop.scratch.append(contentsOf: response.body)
      loop.scratch.append(contentsOf: response.tail)
      connection.send(loop.scratch)
    } else {
      connection.send(loop.scratch, response.body, response.tail)
    }
    settle()
  }

  private func writeHead(_ response: Response, size: Int?, _ version: Request.Version) {
    keepsAlive = keepsAlive && !loop.isDraining
    loop.scratch.removeAll(keepingCapacity: true)
    ResponseHead.write(
      response, size: size, version: version, keepsAlive: keepsAlive, date: loop.date.line(), to: &loop.scratch)
  }

  /// A connection that is broken is closed soon, and tells then.
  private func settle() {
    if !connection.hasUnsent, !connection.isBroken { flushed() }
  }

  func flushed() {
    switch phase {
    case .answering:
      record(left: false)
      if !keepsAlive {
        end()
      } else if bodyReader != nil {
        phase = .discarding
        watchUpload()
      } else {
        next()
      }
    case .streaming: pull()
    case .ended: connection.finish()
    default: break
    }
  }

  /// Ready for another request.
  func next() {
    (phase, request, bodyReader, hasServed) = (.head, nil, nil, true)
    if loop.isDraining { return end() }
    connection.arm(loop.limits.idleSeconds)
  }

  func end() {
    (phase, bodyReader, call) = (.ended, nil, nil)
    connection.finish()
  }

  /// A last answer, of the server's own.
  func refuse(_ refusal: RejectedRequest) {
    (keepsAlive, bodyReader, then) = (false, nil, nil)
    if let feed = feed.take() {
      connection.resume()
      let isFirst = call?.refuse(refusal.fault) ?? true
      feed.end(.broken)
      // Else an answer is on its way.
      guard isFirst else { return }
      call = nil
    }
    loop.counters.refused()
    let response = loop.handler.answer(to: refusal)
    if request != nil { return write(response) }
    writeHead(response, size: response.body.count, .http1_1)
    loop.scratch.append(contentsOf: response.body)
    phase = .ended
    connection.send(loop.scratch)
    connection.finish()
  }

  func record(left: Bool) {
    guard let request else { return }
    self.request = nil
    loop.ended(
      Record(
        request: request, status: sent.status == 0 ? 499 : sent.status, bytesIn: bytesIn, bytesOut: sent.bytes,
        duration: Clock.now - request.receivedAt, clientLeft: left && fault == nil, fault: fault, ending: []))
    (sent, fault) = ((0, 0), nil)
  }

  // MARK: bit by bit

  private func begin(_ response: Response, _ flow: Flow) {
    guard let request else { return }
    if request.version == .http1_0, flow.size == nil { keepsAlive = false }
    sent = (response.status, 0)
    writeHead(response, size: flow.size, request.version)
    connection.send(loop.scratch)
    guard request.method != "HEAD" else { return endStream(flow, .whole, isBare: true) }
    (phase, self.flow) = (.streaming, flow)
    for part in [response.body, response.tail] { sendChunk(part) }
    pull()
  }

  /// An answer whose body is read while it is sent.
  private func begin(_ response: Response, _ body: SourceBody, _ request: Request) {
    let call = Call(request, connection)
    _ = call.claim()
    let flow = Flow(call, size: body.range.count, owner: connection.owner)
    self.call = call
    begin(response, flow)
    SourcePump(body, into: flow, on: loop.sourceThreads).start()
  }

  func flow(_ call: Call) {
    guard call === self.call else { return }
    pull()
    if phase == .head { connection.wake() }
  }

  private func pull() {
    guard let flow else { return }
    while connection.unsent < Flow.most {
      let (parts, end, _) = flow.take()
      for part in parts {
        flow.passed(part.count)
        sendChunk(part)
      }
      if let end { return endStream(flow, end, isBare: false) }
      if parts.isEmpty { break }
    }
    flow.report(unsent: connection.unsent)
  }

  private func sendChunk(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, let request else { return }
    sent.bytes += bytes.count
    if request.version == .http1_0 || flow?.size != nil { return connection.send(bytes) }
    let size = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
    connection.send(size, bytes, [0x0d, 0x0a])
  }

  private func endStream(_ flow: Flow, _ end: Flow.End, isBare: Bool) {
    (self.flow, call) = (nil, nil)
    if end == .brokenOff {
      fault = flow.fault
      return connection.breakOff()
    }
    flow.leave()
    if !isBare, request?.version != .http1_0, flow.size == nil { connection.send(Array("0\r\n\r\n".utf8)) }
    phase = .answering
    settle()
  }

  // MARK: deadlines and ends

  func watchUpload() {
    uploadMark = bytesIn
    connection.arm(loop.limits.uploadSeconds)
  }

  func expired() {
    switch phase {
    case .head:
      if !parser.hasBegun { return connection.close() }
      refuse(RejectedRequest(408, .exhausted, "the request's head did not come in time"))
    case .body, .discarding:
      let least = Int(Double(loop.limits.uploadBytesPerSecond) * loop.limits.uploadSeconds)
      let count = bodyReader?.count ?? 0
      if count - uploadMark >= least {
        uploadMark = count
        return connection.arm(loop.limits.uploadSeconds)
      }
      if phase == .discarding { return end() }
      if let feed, feed.wasHeld() || awaitsContinue { return watchUpload() }
      guard let request else { return }
      refuse(RejectedRequest(408, .exhausted, "the body came too slowly", request: request))
    case .working: probe()
    default: break
    }
  }

  func left() {
    let (call, flow, feed) = (self.call, self.flow, self.feed)
    (self.call, self.flow, self.feed) = (nil, nil, nil)
    if request != nil { record(left: true) }
    flow?.leave()
    feed?.end(.broken)
    call?.leave()
  }

  func drain() {
    keepsAlive = false
    if let flow, let call, flow.size == nil {
      // What has no end of its own ends here, orderly.
      loop.left(call)
      return endStream(flow, .whole, isBare: false)
    }
    guard phase == .head, !parser.hasBegun else { return }
    // A connection that was only just made may have a request on its way; others were told all they asked for.
    if hasServed { connection.close() } else { connection.arm(1) }
  }
}
