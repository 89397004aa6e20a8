internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Objects
internal import Store

/// Entries that have bytes: objects go before them, small ones together and large ones in pieces.
extension Forwarder {
  /// What an entry waits for before it can go.
  private enum Need {
    case nothing(LedgerBatch.Sent)
    /// Its object, which goes whole.
    case small(BlobPack.Blob)
    /// Its object, which goes in pieces.
    case large(ObjectName)
    /// That it can be read here.
    case reading(Fault)
  }

  /// Objects on their way together, each with its line, and whether the next entry of that line waits for it.
  private typealias Load = [(blob: BlobPack.Blob, line: LedgerLine, isNext: Bool)]

  /// Sends one message: objects that entries wait for, or the entries that wait for nothing.
  func forward(_ batch: LedgerBatch) throws(Fault) {
    var (ready, load, large) = (LedgerBatch(life: batch.life), Load(), (name: ObjectName, line: LedgerLine)?.none)
    // Behind an entry that waits others of its line may have their objects sent, but not behind one that waits for long.
    var (waiting, ended): (Set<LedgerLine>, Set<LedgerLine>) = ([], [])
    var room = chunk
    for sent in batch.entries where room > 0 && !ended.contains(sent.line) {
      switch try need(of: sent) {
      case .nothing(let sent): if !waiting.contains(sent.line) { ready.entries.append(sent) }
      case .small(let blob):
        room -= blob.bytes.count
        guard load.isEmpty || room >= 0 else { continue }
        load.append((blob, sent.line, waiting.insert(sent.line).inserted))
      case .large(let name):
        large = large ?? (name, sent.line)
        ended.insert(sent.line)
      case .reading(let fault):
        rest(sent.line, fault)
        ended.insert(sent.line)
      }
    }
    if !load.isEmpty, ready.entries.isEmpty || state.update({ $0.whole.isEmpty }) { return try bring(load) }
    if ready.entries.isEmpty {
      if let large { try bring(large.name, of: large.line) }
      return
    }
    let lacking = try send(ready).lines.first?.lacks
    state.update { ($0.blob, $0.whole, $0.lacking) = (nil, [], lacking) }
  }

  private func need(of sent: LedgerBatch.Sent) throws(Fault) -> Need {
    var sent = sent
    let bytes: Outbox.Bytes
    do throws(Fault) { bytes = try outbox.objects(of: sent.entry) } catch { return .reading(error) }
    let names: [ObjectName]
    switch bytes {
    case .none: return .nothing(sent)
    case .gone(let reason):
      sent.gone = reason
      return .nothing(sent)
    case .there(let found): names = found
    }
    let (lacking, whole, begun, damaged) = state.update { ($0.lacking, $0.whole, $0.blob?.digest, $0.damaged) }
    // What is there already, as behind a chain that began anew, does not go again: of what is large the centre says what it lacks.
    let isAlone = sent.entry.kind.isAlone
    guard let name = names.first(where: { !isAlone || $0.digest == lacking }), !whole.contains(name.digest) else {
      return .nothing(sent)
    }
    if damaged.contains(name.digest) {
      sent.gone = "damaged"
      return .nothing(sent)
    }
    do throws(Fault) {
      guard let reader = try outbox.library.objects.open(name) else { return .nothing(sent) }
      if isAlone || reader.byteCount > chunk || begun == name.digest { return .large(name) }
      let bytes = try reader.read(0..<reader.byteCount)
      guard SHA256.hex(of: bytes).hasSameBytes(as: name.digest) else {
        note(damaged: name, of: sent.line)
        return try need(of: sent)
      }
      return .small(BlobPack.Blob(digest: name.digest, bytes: bytes))
    } catch { return .reading(error) }
  }

  /// Such bytes the centre would refuse for ever, and what stands behind them with them.
  private func note(damaged name: ObjectName, of line: LedgerLine) {
    guard state.update({ $0.damaged.insert(name.digest).inserted }) else { return }
    complain(
      Fault(
        .badInput,
        "the object \(name), which the line '\(line.text)' has next, is damaged on this node's disk: it is not forwarded"
      ))
  }

  private func bring(_ load: Load) throws(Fault) {
    let states = try link.put(BlobPack(load.map(\.blob)))
    for (one, state) in zip(load, states) {
      switch state {
      case .whole: self.state.update { _ = $0.whole.insert(one.blob.digest) }
      case .part(let count): self.state.update { $0.blob = (one.blob.digest, count) }
      // One behind others is refused again once these went.
      case .refused(let reason): if one.isNext { rest(one.line, refused: reason) }
      }
    }
  }

  /// Sends the next piece of an object.
  private func bring(_ name: ObjectName, of line: LedgerLine) throws(Fault) {
    let known = state.update { state in state.blob.flatMap { $0.digest == name.digest ? $0.offset : nil } }
    let offset = known ?? 0
    let (total, piece): (Int, [UInt8])
    do throws(Fault) {
      guard let reader = try outbox.library.objects.open(name) else { return }
      // What the centre has of a longer one is asked first.
      let asks = known == nil && reader.byteCount > chunk
      total = reader.byteCount
      piece = asks ? [] : try reader.read(offset..<min(offset + chunk, total))
    } catch { return rest(line, error) }
    let found: BlobInbox.State
    do throws(Fault) { found = try link.put(piece, of: name.digest, at: offset, total: total) } catch {
      guard error.kind == .badInput, case .damaged = try outbox.library.objects.verify(name, each: {}) else {
        throw error
      }
      return note(damaged: name, of: line)
    }
    switch found {
    case .whole: state.update { ($0.blob, _) = (nil, $0.whole.insert(name.digest)) }
    case .part(let count): state.update { $0.blob = (name.digest, count) }
    case .refused(let reason): rest(line, refused: reason)
    }
  }
}

extension Outbox {
  /// The objects that go before an entry.
  enum Bytes {
    case none
    case there([ObjectName])
    case gone(String)
  }

  func objects(of entry: LedgerEntry) throws(Fault) -> Bytes {
    guard let body = entry.body else { return .gone("removed") }
    switch entry.kind {
    case .event, .gap: return .none
    case .picture:
      let note = try PictureNote(body)
      let event: StreamEvent
      do throws(Fault) { event = try library.event(note.event.text, client: note.client, scope: .all) } catch {
        guard error.kind == .notFound else { throw error }
        return .gone("removed")
      }
      guard event.snapshot == note.object else { return .gone(LedgerBatch.superseded) }
      return try bytes([note.object])
    case .recording:
      let asset = try Asset(Item(key: LibraryKeys.outboxPosition, version: ItemVersion(1), body: body))
      guard let item = try table.get(LibraryKeys.asset(asset.id)), try Asset(item).removed == nil else {
        return .gone("removed")
      }
      return try bytes([asset.object])
    case .analysis:
      let told = try ForwardedAnalysis(body)
      guard let now = try library.told(told.asset.id, pipeline: told.analysis.pipeline) else { return .gone("removed") }
      guard now.analysis.predictions.hasSameBytes(as: told.analysis.predictions),
        now.analysis.log.hasSameBytes(as: told.analysis.log)
      else { return .gone(LedgerBatch.superseded) }
      let found = try bytes(told.objects.map(\.digest))
      guard case .there = found else { return found }
      let byteCount = try library.open(told.analysis.predictions).byteCount
      return byteCount <= ForwardedAnalysis.mostPredictionBytes ? found : .gone("too large")
    }
  }

  private func bytes(_ digests: [String]) throws(Fault) -> Bytes {
    var names: [ObjectName] = []
    for digest in digests {
      guard let name = ObjectName(digest), let reader = try library.objects.open(name), reader.byteCount > 0 else {
        return .gone("removed")
      }
      names.append(name)
    }
    return .there(names)
  }
}
