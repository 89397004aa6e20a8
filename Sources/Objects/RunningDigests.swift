internal import Crypto
internal import Synchronization

/// Digests that grow with uploads, each as long as its bytes come in order.
final class RunningDigests: Sendable {
  /// A digest and how many bytes it has seen.
  struct Running: ~Copyable {
    var digest = SHA256()
    var byteCount = 0
  }

  private final class Box {
    var running: Running?
    init(_ running: consuming Running) { self.running = consume running }
  }

  private let boxes = Mutex<[String: Box]>([:])
  /// What is dropped is read from the disk when the upload is whole.
  private static let most = 1024

  /// Takes the digest of an upload out, where it has seen exactly so many bytes; a new one for none.
  func take(_ id: String, at byteCount: Int) -> Running? {
    let box = boxes.withLock { boxes in boxes.removeValue(forKey: id).map { Handover($0) } }
    if let running = box?.box.running.take(), running.byteCount == byteCount { return running }
    return byteCount == 0 ? Running() : nil
  }

  func put(_ id: String, _ running: consuming Running) {
    let box = Handover(Box(running))
    boxes.withLock { boxes in
      if boxes.count >= Self.most, let other = boxes.keys.first { boxes[other] = nil }
      boxes[id] = box.box
    }
  }

  func drop(_ id: String) { boxes.withLock { $0[id] = nil } }

  /// One box, which only its new owner keeps.
  private struct Handover: @unchecked Sendable {  // one thread has it, or the dictionary
    let box: Box
    init(_ box: Box) { self.box = box }
  }
}
