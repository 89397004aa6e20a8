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
        let isNext = waiting.insert(sent.line).inserted
        if !load.contains(where: { $0.blob.digest == blob.digest }) { load.append((blob, sent.line, isNext)) }
      case .large(let name):
        large = large ?? (name, sent.line)
        ended.insert(sent.line)
      case .reading(let fault):
        rest(sent.line, fault)
        ended.insert(sent.line)
      }
    }
    if !ready.entries.isEmpty {
      let lacking = try send(ready).lines.first?.lacks
      state.update { ($0.whole, $0.lacking) = ([], lacking) }
    } else if !load.isEmpty {
      try bring(load)
    } else if let large {
      try bring(large.name, of: large.line)
    }
  }

  private func need(of sent: LedgerBatch.Sent) throws(Fault) -> Need {
    func without(_ reason: String) -> Need {
      var sent = sent
      sent.gone = reason
      return .nothing(sent)
    }
    let bytes: Outbox.Bytes
    do throws(Fault) { bytes = try outbox.objects(of: sent.entry) } catch { return .reading(error) }
    let names: [ObjectName]
    switch bytes {
    case .none: return .nothing(sent)
    case .gone(let reason): return without(reason)
    case .lost(let name):
      note(damaged: name, "it is not there, or empty", of: sent.line)
      return without("damaged")
    case .there(let found): names = found
    }
    let state = state.update { $0 }
    // What is there already, as behind a chain that began anew, does not go again: of what is large the centre says what it lacks.
    let isAlone = sent.entry.kind.isAlone
    guard let name = names.first(where: { !isAlone || $0.digest == state.lacking }), !state.whole.contains(name.digest)
    else { return .nothing(sent) }
    do throws(Fault) {
      guard !state.damaged.contains(name.digest), let reader = try outbox.library.objects.open(name) else {
        return without("damaged")
      }
      if isAlone || state.isOneByOne || reader.byteCount > chunk { return .large(name) }
      let bytes = try reader.read(0..<reader.byteCount)
      guard ObjectName(SHA256.hex(of: bytes)) != name else {
        return .small(BlobPack.Blob(digest: name.digest, bytes: bytes))
      }
      try check(name, of: sent.line)
      return without("damaged")
    } catch {
      note(unread: name, error, of: sent.line)
      return .reading(error)
    }
  }

  /// Notes an object whose bytes are not those of its name, which the centre would refuse for ever, and what stands behind it with it; the fault
  /// is `unavailable` where they are these after all.
  private func check(_ name: ObjectName, of line: LedgerLine) throws(Fault) {
    guard try outbox.library.objects.verify(name, each: {}) == .sound else {
      return note(damaged: name, "its bytes are others on this node's disk", of: line)
    }
    throw Fault(.unavailable, "the object \(name) was other bytes for a moment, or came as such to the centre")
  }

  /// A file of this machine that cannot be read time after time is taken for lost; what lies elsewhere may come back.
  private func note(unread name: ObjectName, _ fault: Fault, of line: LedgerLine) {
    guard let file = try? outbox.library.objects.file(of: name), FileSystem.isThere(file) else { return }
    let count = state.update { state in
      state.failures[name.digest, default: 0] += 1
      return state.failures[name.digest] ?? 0
    }
    if count >= Self.mostFailures { note(damaged: name, fault.message, of: line) }
  }

  /// Readings, a minute from each other.
  private static let mostFailures = 10

  private func note(damaged name: ObjectName, _ reason: String, of line: LedgerLine) {
    guard state.update({ $0.damaged.insert(name.digest).inserted }) else { return }
    complain(
      Fault(
        .badInput, "the object \(name), which the line '\(line.text)' has next, is damaged and not forwarded: \(reason)"
      ))
  }

  private func bring(_ load: Load) throws(Fault) {
    guard let states = try link.put(BlobPack(load.map(\.blob))) else { return state.update { $0.isOneByOne = true } }
    for (one, found) in zip(load, states) {
      // One behind others of its line is refused again once these went, as is what stands behind it here.
      if case .refused(let reason) = found {
        if one.isNext { rest(one.line, refused: reason) }
        return
      }
      state.update { _ = $0.whole.insert(one.blob.digest) }
    }
  }

  /// Sends the next piece of an object.
  private func bring(_ name: ObjectName, of line: LedgerLine) throws(Fault) {
    let known = state.update { state in state.blob.flatMap { $0.digest == name.digest ? $0.offset : nil } }
    let offset = known ?? 0
    let (total, piece): (Int, [UInt8])
    do throws(Fault) {
      guard let reader = try outbox.library.objects.open(name) else { return }
      total = reader.byteCount
      guard offset <= total else { return try check(name, of: line) }
      // What the centre has of a longer one is asked first.
      let asks = known == nil && total > chunk
      piece = asks ? [] : try reader.read(offset..<min(offset + chunk, total))
    } catch {
      note(unread: name, error, of: line)
      return rest(line, error)
    }
    let found: BlobInbox.State
    do throws(Fault) { found = try link.put(piece, of: name.digest, at: offset, total: total) } catch {
      guard error.kind == .badInput else { throw error }
      do throws(Fault) { return try check(name, of: line) } catch { return rest(line, error) }
    }
    switch found {
    case .whole: state.update { ($0.blob, _) = (nil, $0.whole.insert(name.digest)) }
    // Nothing of what was sent was taken, though it was what was asked for.
    case .part(offset) where known != nil:
      do throws(Fault) { try check(name, of: line) } catch { rest(line, error) }
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
    /// An object that is referred to, and that the disk does not have.
    case lost(ObjectName)
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
      return bytes([note.object])
    case .recording:
      let asset = try LedgerEntry.recording(body)
      guard let item = try table.get(LibraryKeys.asset(asset.id)), try Asset(item).removed == nil else {
        return .gone("removed")
      }
      return bytes([asset.object])
    case .analysis:
      let told = try ForwardedAnalysis(body)
      guard let now = try library.told(told.asset.id, pipeline: told.analysis.pipeline) else { return .gone("removed") }
      guard now.analysis.predictions.hasSameBytes(as: told.analysis.predictions),
        now.analysis.log.hasSameBytes(as: told.analysis.log)
      else { return .gone(LedgerBatch.superseded) }
      let found = bytes(told.objects.map(\.digest))
      guard case .there = found else { return found }
      let byteCount = (try? library.open(told.analysis.predictions))?.byteCount ?? 0
      return byteCount <= ForwardedAnalysis.mostPredictionBytes ? found : .gone("too large")
    }
  }

  private func bytes(_ digests: [String]) -> Bytes {
    var names: [ObjectName] = []
    for digest in digests {
      guard let name = ObjectName(digest) else { return .gone("removed") }
      guard isThere(name) else { return .lost(name) }
      names.append(name)
    }
    return .there(names)
  }

  /// Also where it cannot be opened, which shows as it is read.
  private func isThere(_ name: ObjectName) -> Bool {
    do { return try library.objects.open(name).map { $0.byteCount > 0 } ?? false } catch { return true }
  }
}
