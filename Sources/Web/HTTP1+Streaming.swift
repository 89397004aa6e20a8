internal import Base

// Bodies that go to a sink while they come.
extension HTTP1 {
  /// Begins to hand a body on; `awaitsContinue` says that the client waits to be told to send it.
  func take(_ framing: Head.Framing, limit: Int, to sink: any BodySink, _ request: Request, awaitsContinue: Bool) {
    if case .length(let length) = framing, length > limit { return refuse(.tooLong(limit, request)) }
    let feed = BodyFeed(connection, owner: connection.owner)
    let call = Call(request, connection, feed: feed)
    (self.feed, self.call) = (feed, call)
    (self.awaitsContinue, phase) = (awaitsContinue, .body)
    let reader = BodyReader(framing, limit: limit, to: feed)
    bodyReader = reader
    watchUpload()
    feed.start(Exchange(call), sink)
    if reader.isComplete { handedOn() }
  }

  /// All of the body is on its way to the sink.
  func handedOn() {
    feed?.end(.whole)
    (feed, bodyReader, phase) = (nil, nil, .working)
    connection.resume()
    connection.arm(connection.sawEnd ? Self.firstProbe : nil)
  }

  /// Reads no further while the sink is too far behind.
  func pauseIfFull() {
    if feed?.isFull() ?? false { connection.pause() }
  }

  func fed(_ feed: BodyFeed) {
    guard feed === self.feed, phase == .body else { return }
    if awaitsContinue, feed.isWanted {
      awaitsContinue = false
      feed.hold()
      if bytesIn == 0 { connection.send(Self.goOn) }
    }
    if !feed.isFull() { connection.resume() }
  }

  /// The sink has answered before the end: a small rest is read away, and behind a larger one the connection ends.
  func cutShort() {
    feed = nil
    connection.resume()
    if awaitsContinue || !(bodyReader?.discard(atMost: loop.limits.discardedBytes) ?? false) {
      (bodyReader, keepsAlive) = (nil, false)
    }
  }

  func endBodies() {
    guard phase == .body, feed != nil, let request else { return }
    refuse(.ending(request))
  }
}

extension RejectedRequest {
  /// The server ends while a body comes.
  static func ending(_ request: Request) -> RejectedRequest {
    RejectedRequest(503, .unavailable, "the server ends, and did not get all of the body: try again", request: request)
  }
}
