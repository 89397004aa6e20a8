internal import Base
internal import Media
internal import MediaProcess

/// How the source does, and what it is asked to do less of, or more.
extension StreamLook {
  /// Stills are made while somebody asks for them.
  func steerStills() throws(Fault) {
    guard stream.settings.view == nil, stream.view.wantsStills != makesStills else { return }
    makesStills.toggle()
    try reader.makeStills(makesStills)
  }

  /// Where fewer pictures are looked at than come, fewer are decoded.
  func steerThrift(isNew: Bool = false) throws(Fault) {
    let figures = stream.figures
    var next = isNew ? StreamThrift(pipeline.map { _ in sampling }) : thrift
    guard next?.look(figures, now: Clock.now) == true || isNew, let next else {
      thrift = next
      return
    }
    thrift = next
    stream.update { $0.thrift = next.told }
    try reader.save(next.order)
  }

  /// Adds what is new since the last look.
  func note(_ progress: LiveProgress) {
    let before = told
    told = progress
    stream.update { figures in
      if figures.state == .live, progress.received > before.received { figures.latest = Clock.now }
      figures.received += progress.received - before.received
      figures.keys += progress.keys - before.keys
      figures.decoded += progress.decoded - before.decoded
      figures.incomplete += progress.incomplete - before.incomplete
      figures.lostPackets += progress.lostPackets - before.lostPackets
      figures.jumps += progress.jumps - before.jumps
      figures.drop(.undecoded, progress.undecoded - before.undecoded)
      figures.drop(.damaged, progress.damaged - before.damaged)
      figures.drop(.sampled, progress.passed - before.passed)
      figures.processorTime += Double(progress.processorTime - before.processorTime) / 1e9
      figures.drop(.replaced, progress.displaced - before.displaced)
      if !progress.codec.isEmpty { figures.codec = progress.codec }
      figures.clockOffset = progress.clockOffset
    }
  }

  func end(_ ending: LiveProgress.Ending) throws(Fault) -> Bool {
    switch ending {
    case .closed:
      if case .film(_, loops: false) = stream.settings.source.kind { return true }
      throw Fault(.unavailable, "the source hung up")
    case .movedTo(let address):
      moved = address
      return false
    case .failed(let fault): throw fault
    }
  }

  /// A source that says nothing for too long is given up; one that sends few pictures has more time.
  func check(_ progress: LiveProgress, _ began: UInt64, _ firstPatience: Double) throws(Fault) {
    let last = max(UInt64(progress.lastArrival), began)
    if firstArrival == 0 { firstArrival = progress.lastArrival }
    let silence = (Double(Clock.now) - Double(last)) / 1e9
    let usual = Double(progress.lastArrival - firstArrival) / 1e9 / Double(max(1, progress.received - 1))
    let patience = progress.received == 0 ? firstPatience : max(stream.settings.patience, 10 * usual)
    guard silence <= patience else {
      throw Fault(.unavailable, "no picture came for \(NumberFormat.fixed(patience, 0)) s")
    }
    tellUndecoded(progress)
    if progress.received > 0, silence > max(1, 4 * usual), silence > stream.settings.patience / 2 {
      stream.enter(.stalled, "no picture came for some seconds")
    }
  }

  /// Says so where pictures come and none can be decoded, now and then while that lasts.
  private func tellUndecoded(_ progress: LiveProgress) {
    let since = (Double(progress.lastArrival) - Double(firstArrival)) / 1e9
    guard pipeline != nil, progress.decoded == 0, since > Self.decodingPatience, progress.received >= 2 * undecodedTold
    else { return }
    undecodedTold = progress.received
    let why = progress.keys == 0 ? ", for none that decoding may begin with was among them" : ""
    stream.enter(.connecting, "\(progress.received) pictures came and none could be decoded\(why)")
  }

  /// Seconds of pictures; cameras send one with which decoding may begin each few seconds.
  private static let decodingPatience = 3.0
}
