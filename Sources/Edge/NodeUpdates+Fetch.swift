internal import Base
internal import Objects
internal import Updates

/// Fetching.
extension NodeUpdates {
  /// Fetches the update that the centre has for this node, and switches to it.
  func take(
    _ version: Int, after state: UpdateState, meanwhile: () throws(Fault) -> Void
  ) throws(Fault) {
    guard let (connection, gate) = try centre() else { return }
    defer { status.update { $0.report.fetching = nil } }
    guard let signed = try ask(version, connection) else { return }
    let bundle: Bundle
    // One whose text is lost holds nothing up: a newer one is what helps.
    let trial = state.isTrial ? state.serving.flatMap { try? store.bundle($0) } : nil
    do throws(Fault) { bundle = try gate.admit(signed, after: state.highest, trial: trial) } catch {
      // Signed, and nothing for this node: the centre hears of it. A number that nobody vouches for is not believed.
      guard error.kind == .unsupported else { throw error }
      let refused = try signed.bundle(trusting: gate.keys).version
      try store.refuse(refused, error.message)
      return complain(error.at("the update \(refused)"))
    }
    try fetch(bundle, bundle.blobs, connection, meanwhile)
    try store.lay(signed, bundle)
    let before = try place.aliases(of: bundle)
    guard isWanted(version) else { return }
    try store.take(bundle.version, before: before, place.baseline())
  }

  /// The signed bundle that the centre has for this node; `nil` for none.
  private func ask(_ version: Int, _ connection: CentreConnection) throws(Fault) -> SignedBundle? {
    if let link, !link.wait() { return nil }
    let answer = try connection.ask("GET", "/v1/edge/bundle", goesOn: { [self] _ in isWanted(version) })
    link?.spend(sent: Self.headByteCount, received: Self.headByteCount + answer.body.count)
    guard answer.status == 200 else {
      if answer.status == 204 { return nil }
      throw CentreConnection.fault(answer)
    }
    return try SignedBundle(answer.body)
  }

  /// Looks whether the disk has all files of the version that is served, and has them come again where the centre gives them; what is lost still.
  func mend(_ state: UpdateState, _ files: inout WholeFiles) throws(Fault) -> Fault? {
    let version = state.serving ?? 0
    guard !files.has(version) else { return nil }
    var loss = store.loss(of: state)
    if loss != nil, isWanted(version) {
      do throws(Fault) { try takeAgain(version) } catch { loss = error.kind == .closed ? loss : error }
      if let still = store.loss(of: state) { loss = loss ?? still } else { loss = nil }
      if loss == nil { place.reloadPipelines() }
    }
    if loss == nil { files.note(version) }
    let lost = loss == nil ? nil : version
    let isChanged = status.update { status in
      defer { status.report.lost = lost }
      return status.report.lost != lost
    }
    if isChanged { isNews() }
    return loss?.at("files of update \(version), which this node serves, are lost, and its centre is asked for them")
  }

  private func takeAgain(_ version: Int) throws(Fault) {
    guard let (connection, gate) = try centre() else { return }
    defer { status.update { $0.report.fetching = nil } }
    guard let signed = try ask(version, connection) else { return }
    let bundle = try gate.admit(signed, after: version - 1)
    guard bundle.version == version else { return }
    try fetch(bundle, [bundle.program?.blob].compactMap(\.self), connection) {}
    try store.mend(signed, bundle)
    try store.clean()
  }

  /// Fetches those of the blobs of a bundle that are not here.
  private func fetch(
    _ bundle: Bundle, _ blobs: [Bundle.Blob], _ connection: CentreConnection, _ meanwhile: () throws(Fault) -> Void
  ) throws(Fault) {
    var lacking: [Bundle.Blob] = []
    for blob in blobs where try !store.has(blob) {
      let isHeld = try place.holds(blob)
      if !isHeld || blob == bundle.program?.blob { lacking.append(blob) }
    }
    try store.clean(keeping: blobs)
    let whole = lacking.reduce(0) { $0 + $1.byteCount }
    place.makeRoom(for: whole)
    try store.checkSpace(for: lacking, bundle)
    var done = 0
    for blob in lacking {
      while try store.received(of: blob) < blob.byteCount {
        try meanwhile()
        let received = try store.received(of: blob)
        status.update { $0.report.fetching = (bundle.version, done + received, whole) }
        place.makeRoom(for: whole - done - received)
        try fetch(blob, from: received, of: bundle.version, connection)
      }
      try store.finish(blob)
      done += blob.byteCount
    }
  }

  /// Bytes that are asked for at a time, and that are written at a time.
  private static let rangeByteCount = 4 << 20
  private static let pieceByteCount = 256 << 10
  /// About what asking for a range takes, and the head of its answer.
  private static let headByteCount = 300

  private func fetch(
    _ blob: Bundle.Blob, from start: Int, of version: Int, _ connection: CentreConnection
  ) throws(Fault) {
    var count = 0
    let most = link.flatMap { $0.rate == nil ? nil : $0.chunk } ?? Self.rangeByteCount
    let end = min(start + most, blob.byteCount)
    if let link, !link.wait() { throw Fault(.closed, "the node ends") }
    defer { link?.spend(sent: Self.headByteCount, received: Self.headByteCount + count) }
    var piece: [UInt8] = []
    var broken: Fault?
    var status = 0
    do throws(Fault) {
      let answer = try connection.ask(
        "GET", "/v1/edge/blobs/\(blob.sha256)", headers: [("Range", "bytes=\(start)-\(end - 1)")],
        into: { [store] (bytes) throws(Fault) in
          count += bytes.count
          guard count <= end - start else { throw Fault(.badInput, "the centre sends more than was asked for") }
          piece += bytes
          guard piece.count >= Self.pieceByteCount else { return }
          // What a full disk takes a part of is not written twice.
          let whole = piece
          piece = []
          try store.append(whole, of: blob)
        }, goesOn: { [self] _ in isWanted(version) })
      status = answer.status
      guard answer.status == 206 else { throw CentreConnection.fault(answer) }
    } catch { broken = error }
    // What came before the line broke is kept, but for an answer that is none.
    if !piece.isEmpty, status == 206 || status == 0 { try store.append(piece, of: blob) }
    if let broken { throw broken }
    guard count == end - start else { throw Fault(.unavailable, "the centre sends less than was asked for") }
  }

  /// False where the centre wants something else by now, or the node ends.
  private func isWanted(_ version: Int) -> Bool { status.update { !$0.isOver && $0.order.take == version } }
}
