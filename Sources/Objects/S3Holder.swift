internal import Base
internal import Glibc

/// The leases of one process: marks in the bucket, and a thread that says again and again that the process lives.
///
/// A mark holds as long as it, or what its holder says of itself, is younger than `leaseSeconds` by the service's clock, so that no clocks of
/// hosts are compared. A holder that could say nothing for half of that takes all its leases for lost, by a clock that goes on while the
/// machine sleeps; the other half is for what they wrote down meanwhile.
final class S3Holder: Sendable {
  private let bucket: S3Marks
  private let thread: RepeatingThread

  private let pause: @Sendable () -> Void

  init(_ client: S3Client, _ settings: S3ObjectStore.Settings, complain: @escaping @Sendable (Fault) -> Void) {
    let bucket = S3Marks(client, leaseSeconds: settings.leaseSeconds)
    pause = settings.pause
    self.bucket = bucket
    thread = RepeatingThread(restMilliseconds: 300, complain: complain) { () throws(Fault) in try bucket.go(on: false) }
  }

  /// Every lease has the holder, so none lives any more.
  deinit {
    thread.stop()
    try? bucket.leave()
  }

  /// Marks a name, whether there is such an object or not, and waits until no collection is about to take it.
  ///
  /// What is seen of the object after that, or put in its place, stays.
  func lease(_ name: ObjectName) throws(Fault) -> S3Lease {
    let (key, epoch) = try bucket.mark(name)
    // From here on it ends with the value.
    let lease = S3Lease(name, key, epoch, self)
    pause()
    try bucket.waitUntilUndoomed(name)
    pause()
    return lease
  }

  func isHeld(_ epoch: Int) -> Bool { bucket.isHeld(epoch) }
  func end(_ key: String) { bucket.end(.mark(key)) }
  func abort(_ key: String, _ id: String) { bucket.end(.upload(key, id)) }
  func settle() throws(Fault) { try bucket.go(on: true) }
}

final class S3Lease: ObjectLease {
  let name: ObjectName
  private let key: String
  private let epoch: Int
  private let holder: S3Holder

  fileprivate init(_ name: ObjectName, _ key: String, _ epoch: Int, _ holder: S3Holder) {
    (self.name, self.key, self.epoch, self.holder) = (name, key, epoch, holder)
  }

  var isHeld: Bool { holder.isHeld(epoch) }

  /// Told to the service by the holder's thread: a mark that stays a little longer takes nothing from anybody.
  deinit { holder.end(key) }
}

/// What a holder writes into the bucket.
final class S3Marks: Sendable {
  enum Leftover: Sendable {
    case mark(String)
    case upload(String, String)
  }

  private struct State {
    var ended: [Leftover] = []
    /// Leftovers that a thread is taking away.
    var working = 0
    var number = 0
    /// When the last word of this holder was sent that arrived; `nil` before the first.
    var told: UInt64?
    /// Grows where the holder may have been taken for dead.
    var epoch = 0
  }

  private let client: S3Client
  /// For the thread, which tries again by itself, and is waited for when the holder ends.
  private let quick: S3Client
  private let id = String(UInt64.random(in: 0 ... .max), radix: 36)
  private let life: UInt64
  private let state = Monitor(State())

  private static let pulseSeconds = 60
  private static let mostWaitSeconds = 150

  init(_ client: S3Client, leaseSeconds: Int) {
    (self.client, quick, life) = (client, client.hasty, UInt64(leaseSeconds) * 1_000_000_000)
  }

  /// Nanoseconds that also pass while the machine sleeps.
  static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private var pulse: UInt64 { min(UInt64(Self.pulseSeconds) * 1_000_000_000, life / 8) }

  func isHeld(_ epoch: Int) -> Bool {
    state.update { $0.epoch == epoch && $0.told.map { Self.now - $0 < life / 2 } == true }
  }

  func mark(_ name: ObjectName) throws(Fault) -> (key: String, epoch: Int) {
    if state.update({ $0.told.map { Self.now - $0 > 2 * pulse } ?? true }) { try tell(client) }
    let (number, epoch) = state.update { state in
      state.number += 1
      return (state.number, state.epoch)
    }
    let key = client.address.key("leases/\(name.shard)/\(name.digest).\(id).\(number)")
    do { _ = try client.put(key, []) } catch {
      // It may have arrived.
      end(.mark(key))
      throw error
    }
    return (key, epoch)
  }

  func end(_ leftover: Leftover) { state.update { $0.ended.append(leftover) } }

  /// The thread's work: takes away what has ended, and says that the holder lives where it once had a lease.
  ///
  /// Who asked for it waits until all is taken away, by whichever thread.
  func go(on isAsked: Bool) throws(Fault) {
    let client = isAsked ? client : quick
    if state.update({ $0.told.map { Self.now - $0 > pulse } ?? false }) { try tell(client) }
    while let leftover = state.update({ Self.next(&$0) }) {
      defer { state.update { $0.working -= 1 } }
      do throws(Fault) { try Self.remove(leftover, client) } catch {
        // Behind the others, which may be done.
        state.update { $0.ended.insert(leftover, at: 0) }
        throw error
      }
    }
    if isAsked { state.wait { $0.working == 0 ? () : nil } }
  }

  private static func next(_ state: inout State) -> Leftover? {
    guard let leftover = state.ended.popLast() else { return nil }
    state.working += 1
    return leftover
  }

  /// The last: what is not reached now is forgotten by collections, later.
  func leave() throws(Fault) {
    guard state.update({ $0.told != nil || !$0.ended.isEmpty }) else { return }
    for leftover in state.update({ $0.ended }) { try Self.remove(leftover, quick) }
    try quick.delete(client.address.key("holders/\(id)"))
  }

  private func tell(_ client: S3Client) throws(Fault) {
    let now = Self.now
    _ = try client.put(client.address.key("holders/\(id)"), [])
    state.update { state in
      // Another thread's word may have been begun later, and arrived before this one.
      if let told = state.told, now > told, now - told > life / 2 { state.epoch += 1 }
      state.told = max(now, state.told ?? 0)
    }
  }

  private static func remove(_ leftover: Leftover, _ client: S3Client) throws(Fault) {
    switch leftover {
    case .mark(let key): try client.delete(key)
    case .upload(let key, let id): try client.abortUpload(key, id)
    }
  }

  /// Called when the mark stands.
  func waitUntilUndoomed(_ name: ObjectName) throws(Fault) {
    let end = Clock.now + UInt64(Self.mostWaitSeconds) * 1_000_000_000
    var pause: UInt64 = 20_000_000
    while try isDoomed(name) {
      guard Clock.now < end else { throw Fault(.unavailable, "\(name) is being collected: try again") }
      Clock.sleep(until: Clock.now + pause)
      pause = min(pause * 2, 1_000_000_000)
    }
  }

  private func isDoomed(_ name: ObjectName) throws(Fault) -> Bool {
    var isDoomed = false
    try client.forEachPage(client.address.key("doomed/\(name.shard).")) { (page) throws(Fault) in
      for entry in page.entries where !isDoomed {
        // One whose collector died: none of its deletions is carried out any more.
        if let date = page.date, date - entry.time > S3Doom.voidSeconds { continue }
        guard let part = try client.get(entry.key, 0..<S3Doom.mostByteCount) else { continue }
        isDoomed = String(decoding: part.bytes, as: UTF8.self).contains(name.digest)
      }
    }
    return isDoomed
  }
}
