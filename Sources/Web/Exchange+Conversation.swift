public import Base

// For a sink that answers while its body still comes.
extension Exchange {
  /// Begins an answer that is made bit by bit while the body still comes: the sink goes on to hear of that until its end.
  ///
  /// What waits for the client counts to `limits.answerBytes`, as its sender's. When the server ends, the sink hears
  /// ``BodySink/broken()``, and ends the answer behind what it still owes. Over HTTP/1 an answer cuts the body short, this one too.
  public func converse(_ head: Response) -> ResponseStream {
    guard request.version == .http2, let feed = call.feed else { return stream(head) }
    let isFirst = claim()
    let flow = Flow(call, owner: feed.owner)
    if isFirst {
      call.streams(asConversation: true)
      call.deliver(head, flow)
    } else {
      flow.leave()
    }
    return ResponseStream(flow)
  }

  /// From inside ``BodySink/append(_:)``: gives back what was not used of those bytes, and is given nothing until ``letBodyGoOn()``.
  ///
  /// Meanwhile about 1 MiB is taken from the client, in HTTP/2 a stream's window more.
  public func holdBody(back rest: [UInt8] = []) { call.feed?.hold(back: rest) }

  /// Ends what ``holdBody(back:)`` began; from any thread.
  public func letBodyGoOn() { call.feed?.letGoOn() }

  /// Says whether the client has begun something that it must go on with: then it has to send as fast as `limits` ask of any body.
  public func owesBody(_ isOwed: Bool) { call.feed?.owes(isOwed) }

  /// Memory for a part of the body that has a meaning of its own and will have so many bytes, which count as held by its sender as they
  /// come; `nil` where the system has no more.
  public func gatherBody(byteCount: Int) -> BodyBuilder? {
    guard let feed = call.feed else { return nil }
    return BodyBuilder(feed.connection.loop.pool, expecting: byteCount, limit: byteCount, lead: 0, owner: feed.owner)
  }

  /// Why the server took no more of the body, where it was not the client that left.
  public var refusal: Fault? { call.refusedFor }
}
