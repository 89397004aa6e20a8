public import Base

/// Names that a collection is about to take away, written down before it looks who holds them.
struct S3Doom {
  /// The deletions of a collector are signed for so long from the moment at which its names were written, by the service's own clock, which refuses them
  /// later: a collector that was stopped in between does no harm when it goes on.
  static let fenceSeconds = 60
  /// When nobody waits for a collector any more; the rest is for clocks of one service that differ.
  static let voidSeconds = 90
  /// By this machine's clock no deletion is begun later than that.
  static let workSeconds: UInt64 = 40
  static let mostNames = 256
  static let mostByteCount = 1 << 16
}

extension S3ObjectStore {
  /// Takes away objects that `referenced` does not name and no lease holds, on whatever hosts; `referenced` is asked part by part, while this
  /// runs, and again for those parts of which something seems not to be needed.
  ///
  /// **Why nothing that is needed is taken.** A collector (1) writes names down as doomed, then (2) lists the leases, then (3) asks what is referred to,
  /// then (4) deletes what is in neither, then (5) takes its doom back. Whoever wants an object (a) writes its mark, then (b) looks for a doom that
  /// names it, and where there is one waits until it is gone, then (c) looks for the object or puts it, then writes its reference, and only
  /// then (d) ends the mark. The service shows what was written to all who ask afterwards, so of (a) and (1), one was first:
  ///
  /// - (a) before (2): the mark is seen, and the object stays; or it ended before, so the reference was written before (3), and is seen there.
  /// - (a) after (2), and so after (1): (b) sees the doom and waits for (5), or it is past (5). Then the deletion has happened before (c), which sees that
  ///   the object is missing, or puts it anew.
  ///
  /// Deaths and stops. A collector that dies leaves a doom, which is waited for until it is ``S3Doom/voidSeconds`` old; one that was stopped
  /// and goes on has its deletions refused by the service, which signed requests tell how long they hold. A holder that dies leaves marks, which hold
  /// for `leaseSeconds`; one that was cut off or stopped knows by ``ObjectLease/isHeld``, which says no when half of that has passed: **a reference must be written
  /// only while it says yes, and within the other half**. Two collectors at a time do no harm (each has dooms of its own), but a second is `unavailable`.
  ///
  /// Uploads that were begun more than a day (`uploadSeconds`) ago and not ended are given up.
  public func collect(
    referenced: (_ shard: String) throws(Fault) -> Set<ObjectName>
  ) throws(Fault) -> Collection {
    let turn = try S3Turn(client)
    defer { turn.end() }
    try checkFence()
    // What was let go of here a moment ago would be taken for held.
    try settle()
    var (done, shard, entries) = (Collection(), "", [S3Entry]())
    try client.forEachPage(client.address.key("objects/")) { (page) throws(Fault) in
      for entry in page.entries {
        guard let name = Self.name(of: entry) else { continue }
        if name.shard != shard {
          try sweep(shard, entries, referenced, &done)
          (shard, entries) = (name.shard, [])
          try turn.renew()
        }
        entries.append(entry)
      }
    }
    try sweep(shard, entries, referenced, &done)
    done.abandoned = try abandonUploads()
    try forgetEnded()
    return done
  }

  /// Refuses to collect where the service carries out what was signed for a time that is over.
  private func checkFence() throws(Fault) {
    let fence = (date: client.settings.clock() - 3600, seconds: S3Doom.fenceSeconds)
    do { try client.delete(client.address.key("doomed/none"), fence: fence) } catch  where error.kind == .denied {
      return
    }
    throw Fault(
      .unsupported,
      "the service of \(client.address.shown) does not refuse requests that have expired: nothing is collected"
    )
  }

  private typealias Referenced = (_ shard: String) throws(Fault) -> Set<ObjectName>

  private func sweep(
    _ shard: String, _ entries: [S3Entry], _ referenced: Referenced, _ done: inout Collection
  ) throws(Fault) {
    guard !entries.isEmpty else { return }
    done.seen += entries.count
    let needed = try referenced(shard)
    let candidates = entries.filter { entry in Self.name(of: entry).map { !needed.contains($0) } ?? false }
    for begin in stride(from: 0, to: candidates.count, by: S3Doom.mostNames) {
      let batch = Array(candidates[begin..<min(candidates.count, begin + S3Doom.mostNames)])
      try take(batch, shard, referenced, &done)
    }
  }

  private func take(
    _ batch: [S3Entry], _ shard: String, _ referenced: Referenced, _ done: inout Collection
  ) throws(Fault) {
    let doom = client.address.key("doomed/\(shard).\(String(UInt64.random(in: 0 ... .max), radix: 36))")
    let names = batch.compactMap { Self.name(of: $0)?.digest }.joined(separator: "\n")
    let begun = S3Marks.now
    _ = try client.put(doom, Array(names.utf8))
    defer { try? client.delete(doom) }
    // The moment that those who wait compare with theirs.
    guard let fence = try client.head(doom), fence.time > 0 else {
      throw Fault(
        .unavailable, "the S3 service forgets what was just written, or does not say when: nothing is collected")
    }
    settings.pause()
    let held = try held(shard)
    settings.pause()
    let needed = try referenced(shard)
    for entry in batch {
      guard let name = Self.name(of: entry), !needed.contains(name) else { continue }
      guard !held.contains(name.digest) else {
        done.held += 1
        continue
      }
      // The rest is for the next collection.
      guard S3Marks.now - begun < S3Doom.workSeconds * 1_000_000_000 else { return }
      settings.pause()
      try client.delete(entry.key, fence: (fence.time, S3Doom.fenceSeconds))
      (done.removed, done.removedByteCount) = (done.removed + 1, done.removedByteCount + entry.byteCount)
    }
  }

  /// Digests of a part that leases hold; marks of holders that are dead are taken away.
  private func held(_ shard: String) throws(Fault) -> Set<String> {
    var marks: [(digest: String, holder: String, key: String, age: Int)] = []
    try client.forEachPage(client.address.key("leases/\(shard)/")) { page in
      for entry in page.entries {
        let parts = (entry.key.split(separator: "/").last ?? "").split(separator: ".").map(String.init)
        guard parts.count == 3 else { continue }
        marks.append((parts[0], parts[1], entry.key, (page.date ?? entry.time) - entry.time))
      }
    }
    let old = marks.filter { $0.age > settings.leaseSeconds }
    // Asked after the marks: a holder says that it lives before it writes one.
    let living = old.isEmpty ? [] : try livingHolders()
    for mark in old where !living.contains(mark.holder) { try client.delete(mark.key) }
    return Set(marks.filter { $0.age <= settings.leaseSeconds || living.contains($0.holder) }.map(\.digest))
  }

  private func livingHolders() throws(Fault) -> Set<String> {
    var living: Set<String> = []
    try client.forEachPage(client.address.key("holders/")) { page in
      for entry in page.entries where (page.date ?? entry.time) - entry.time <= settings.leaseSeconds {
        living.insert(String(entry.key.split(separator: "/").last ?? ""))
      }
    }
    return living
  }

  private static let daySeconds = 86_400

  private func abandonUploads() throws(Fault) -> Int {
    let (uploads, date) = try client.uploads(client.address.key("objects/"))
    let old = uploads.filter { (date ?? $0.time) - $0.time > settings.uploadSeconds }
    for upload in old { try client.abortUpload(upload.key, upload.id) }
    return old.count
  }

  /// What dead holders and collectors left, when nobody looks at it any more.
  private func forgetEnded() throws(Fault) {
    for folder in ["holders/", "doomed/"] {
      try client.forEachPage(client.address.key(folder)) { (page) throws(Fault) in
        for entry in page.entries where (page.date ?? entry.time) - entry.time > Self.daySeconds {
          try client.delete(entry.key)
        }
      }
    }
  }
}

/// One collection at a time, so that two do not do the same work; nothing is lost where the service lets two through.
private final class S3Turn {
  private let client: S3Client
  private let key: String
  private let id = Array(String(UInt64.random(in: 0 ... .max), radix: 36).utf8)
  private var renewed = S3Marks.now

  /// A collector that said nothing for so long is dead.
  private static let lifeSeconds = 600

  init(_ client: S3Client) throws(Fault) {
    (self.client, key) = (client, client.address.key("collecting"))
    guard try client.put(key, id, onlyIfAbsent: true) == .wasThere else { return }
    // The answer to an own write may have been lost.
    guard try client.get(key, 0..<64)?.bytes != id else { return }
    let page = try client.list(key, limit: 1)
    if let other = page.entries.first, other.key == key, (page.date ?? other.time) - other.time < Self.lifeSeconds {
      throw Fault(.unavailable, "\(client.address.shown) is being collected already")
    }
    _ = try client.put(key, id)
  }

  func renew() throws(Fault) {
    guard S3Marks.now - renewed > 60_000_000_000 else { return }
    _ = try client.put(key, id)
    renewed = S3Marks.now
  }

  func end() { try? client.delete(key) }
}
