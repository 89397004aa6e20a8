internal import Base
internal import CNGHTTP2

// Bodies that go to a sink while they come.
extension HTTP2 {
  /// Begins to hand a body on.
  func take(_ stream: HTTP2Stream, _ request: Request, limit: Int, to sink: any BodySink, _ expectsContinue: Bool) {
    let feed = BodyFeed(connection, stream: stream.number, owner: stream.owner)
    let call = Call(request, connection, stream: stream.number, feed: feed)
    (stream.feed, stream.call, stream.limit) = (feed, call, limit)
    stream.awaitsContinue = expectsContinue && stream.isOpen
    feed.start(Exchange(call), sink)
    if !stream.isOpen { handedOn(stream) }
  }

  /// All of the body is on its way to the sink.
  func handedOn(_ stream: HTTP2Stream) {
    stream.feed?.end(.whole)
    stream.feed = nil
  }

  /// The window of the connection opens at once, so that one sink does not hold up other streams; that of the stream only while its
  /// sink is not too far behind.
  func handOn(_ bytes: UnsafeRawBufferPointer, _ stream: HTTP2Stream, to feed: BodyFeed, _ request: Request) {
    discard(bytes.count)
    stream.withheld += bytes.count
    guard bytes.count <= stream.limit - stream.bytesIn else {
      return refuse(stream, .tooLong(stream.limit, request))
    }
    guard unsafe feed.put(bytes) else { return refuse(stream, .noMemory(request)) }
    bytesIn += bytes.count
    stream.bytesIn += bytes.count
    if !feed.isFull() { open(stream) }
  }

  /// The client may send as much again as came.
  private func open(_ stream: HTTP2Stream) {
    consumeStream(stream, stream.withheld)
    stream.withheld = 0
  }

  func fed(_ feed: BodyFeed) {
    guard let stream = streams[feed.stream], stream.feed === feed else { return }
    if stream.awaitsContinue, feed.isWanted {
      stream.awaitsContinue = false
      feed.hold()
      if stream.bytesIn == 0 { goOn(stream) }
    }
    if !feed.isFull() { open(stream) }
    pump()
  }

  /// The sink has answered before the end, or gets no more: a small rest is let in.
  func cutShort(_ stream: HTTP2Stream) {
    guard stream.feed != nil else { return }
    stream.feed = nil
    consumeStream(stream, min(stream.withheld, loop.limits.discardedBytes))
    stream.withheld = 0
  }

  func endBodies() {
    for stream in streams.values where stream.feed != nil {
      if let request = stream.request { refuse(stream, .ending(request)) }
    }
    pump()
  }

  /// Whether bodies have been waited for since a moment that clients must send, and no sink has kept any waiting meanwhile.
  func waitsForBodies(since moment: UInt64) -> Bool {
    let wasHeld = streams.values.reduce(false) { $1.feed?.wasHeld() ?? false || $0 }
    return !wasHeld && streams.values.contains { owesBody($0, since: moment) }
  }

  private func owesBody(_ stream: HTTP2Stream, since moment: UInt64) -> Bool {
    guard stream.isOpen else { return false }
    // A conversation has pauses, but not within what its sink takes for one piece.
    if stream.status > 0 { return stream.feed?.isOwed(since: moment) ?? false }
    return stream.openedAt <= moment && (stream.call == nil || stream.feed != nil && !stream.awaitsContinue)
  }
}
