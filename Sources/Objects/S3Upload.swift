internal import Base
internal import Crypto
internal import Glibc

/// An upload in parts of one object, which goes on where another of the same object was cut off on this host.
///
/// How far it is stands in a file of the scratch folder that is named after the object: the upload's name, then a line for each part with its MD5
/// and the ETag that the service gave. A part is left out where the service still has one of that ETag and ours has that MD5, so that a
/// file that does not fit what comes changes nothing but the work. One part is on its way while the next is filled.
final class S3Upload {
  let id: String
  private let store: S3ObjectStore
  private let key: String
  private let journal: S3Journal
  /// By number.
  private let found: [Int: S3Journal.Part]
  private var etags: [String] = []
  private var underway: S3PartOnItsWay?

  init(_ name: ObjectName, _ store: S3ObjectStore) throws(Fault) {
    (self.store, key) = (store, store.key(of: name))
    journal = S3Journal("\(store.scratch)/uploads/\(name.digest)")
    if let known = try journal.read(), let parts = try store.client.parts(key, known.id) {
      let there = Dictionary(parts.map { ($0.number, $0.etag) }) { $1 }
      (id, found) = (known.id, known.parts.filter { there[$0.key] == $0.value.etag })
    } else {
      (id, found) = (try store.client.beginUpload(key), [:])
      try journal.begin(id)
    }
  }

  /// Bytes of the next part; all but the last have as many as ``byteCount(ofPart:in:)`` says.
  func put(_ bytes: [UInt8]) throws(Fault) {
    try wait()
    guard etags.count < 10_000 else {
      throw Fault(.tooLarge, "an object has at most 10,000 parts, which are not enough for this one")
    }
    underway = S3PartOnItsWay(bytes, number: etags.count + 1, of: key, id, found, store.client)
  }

  /// Waits for the part that is on its way.
  private func wait() throws(Fault) {
    guard let part = underway.take() else { return }
    let result = try part.result()
    guard let etag = result.etag else {
      journal.end()
      throw Fault(.unavailable, "the S3 service gave up this upload: begin it again")
    }
    etags.append(etag)
    if result.isFound {
      store.figures.update { $0.partsFound += 1 }
    } else {
      store.figures.update { $0.partsSent += 1 }
      try journal.add(S3Journal.Part(md5: result.md5, etag: etag), number: etags.count)
    }
  }

  func complete(onlyIfAbsent: Bool) throws(Fault) -> S3Client.Completion {
    try wait()
    let completion = try store.client.completeUpload(key, id, etags: etags, onlyIfAbsent: onlyIfAbsent)
    if case .done = completion { journal.end() }
    return completion
  }

  /// Nobody goes on with it.
  func abandon() {
    _ = try? underway.take()?.result()
    journal.end()
    store.holder.abort(key, id)
  }

  /// Its parts stay for one who goes on.
  func leave() { _ = try? underway.take()?.result() }

  /// The number begins at 1.
  static func byteCount(ofPart number: Int, in store: S3ObjectStore) -> Int {
    store.settings.partByteCount << ((number - 1) / 1000)
  }
}

/// A part that a thread of its own sends.
private final class S3PartOnItsWay {
  struct Outcome {
    /// `nil` where the service does not know the upload any more.
    var etag: String?
    var md5: String
    var isFound = false
  }

  private let outcome = Monitor(Result<Outcome, Fault>?.none)
  private let thread: NativeThread

  init(
    _ bytes: [UInt8], number: Int, of key: String, _ id: String, _ found: [Int: S3Journal.Part], _ client: S3Client
  ) {
    let part = found[number]
    thread = NativeThread { [outcome] in
      let md5 = MD5.hex(of: bytes)
      var result = Outcome(etag: part?.etag, md5: md5, isFound: true)
      if part?.md5 != md5 {
        do throws(Fault) {
          result = Outcome(etag: try client.putPart(key, id, number: number, bytes, md5: md5), md5: md5)
        } catch { return outcome.update { $0 = .failure(error) } }
      }
      outcome.update { $0 = .success(result) }
    }
  }

  /// Call it exactly once.
  func result() throws(Fault) -> Outcome {
    thread.join()
    return try outcome.update { $0! }.get()
  }
}

/// How far an upload is, in a file; without it where another upload of the same object has it.
private final class S3Journal {
  struct Part {
    let md5: String
    let etag: String
  }

  private let path: String
  private let file: LockedFile?

  init(_ path: String) {
    self.path = path
    file = try? LockedFile(path, waits: false)
  }

  /// `nil` where there is nothing to go on with; a line that was cut off is none.
  func read() throws(Fault) -> (id: String, parts: [Int: Part])? {
    guard file != nil else { return nil }
    let lines = String(decoding: try FileSystem.read(path), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 1, !lines[0].isEmpty else { return nil }
    var parts: [Int: Part] = [:]
    for line in lines.dropFirst().dropLast() {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 3, let number = Int(words[0]) else { continue }
      parts[number] = Part(md5: words[1], etag: words[2])
    }
    return (String(lines[0]), parts)
  }

  func begin(_ id: String) throws(Fault) {
    guard let file else { return }
    guard ftruncate(file.descriptor, 0) == 0, lseek(file.descriptor, 0, SEEK_SET) == 0 else {
      throw SystemError.last.fault("write", path)
    }
    try write("\(id)\n")
  }

  func add(_ part: Part, number: Int) throws(Fault) { try write("\(number) \(part.md5) \(part.etag)\n") }

  func end() { file?.unlink() }

  private func write(_ text: String) throws(Fault) {
    guard let file else { return }
    guard lseek(file.descriptor, 0, SEEK_END) >= 0 else { throw SystemError.last.fault("write", path) }
    let bytes = Array(text.utf8)
    do { unsafe try Descriptor.write(bytes.span.bytes, to: file.descriptor) } catch { throw error.fault("write", path) }
  }
}
