package import Base
internal import COpenVINO
internal import Crypto
internal import Glibc

/// A compiled network in a file: what the engine wrote, a few lines about it, and at the end how long both are and their checksum.
///
/// Read by the system when it is touched. What is imported from it reads its weights there, so it lives as long as they do; all
/// copies share it.
@safe
package final class CachedBlob: @unchecked Sendable {  // never written
  /// What the engine's own part does not say.
  struct Facts: Equatable {
    /// Threads of each copy that it was compiled for.
    var threads: Int
    var inputs: [String]
    var outputs: [String]
    /// What was found of its answers when it was compiled.
    var check: NetworkCheck?

    /// `nil` for names with line ends.
    var text: String? {
      var lines = ["threads \(threads)"] + inputs.map { "input \($0)" } + outputs.map { "output \($0)" }
      if let check { lines.append("check \(check.text)") }
      return lines.contains { $0.contains { $0.isNewline } } ? nil : lines.joined(separator: "\n")
    }

    init(threads: Int, inputs: [String], outputs: [String]) {
      (self.threads, self.inputs, self.outputs) = (threads, inputs, outputs)
    }

    init?(text: String) {
      (threads, inputs, outputs) = (0, [], [])
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "threads": threads = Int(parts[1]) ?? 0
        case "input": inputs.append(parts[1])
        case "output": outputs.append(parts[1])
        case "check": check = NetworkCheck(text: parts[1])
        default: return nil
        }
      }
      guard (1...4096).contains(threads) else { return nil }
    }
  }

  /// Word, length of the engine's part, length of the lines, checksum of both.
  private static let mark = Array("RIDLEY-1".utf8)
  private static let tailCount = 8 + 8 + 8 + FastChecksum.byteCount

  private let bytes: UnsafeMutableRawPointer
  private let count: Int
  /// Bytes that the engine wrote.
  private let engineCount: Int
  let facts: Facts

  /// `nil` where nothing stands there.
  /// - Throws: `badInput` where what stands there is not what was written: cut, changed, or something else.
  init?(_ path: String) throws(Fault) {
    guard let (bytes, count) = unsafe Self.map(path) else { return nil }
    let all = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    guard let (engineCount, facts) = unsafe Self.verify(all) else {
      unsafe munmap(bytes, count)
      throw Fault(.badInput, "the cached compiled network \(FileSystem.name(of: path)) is not what was written")
    }
    unsafe self.bytes = bytes
    (self.count, self.engineCount, self.facts) = (count, engineCount, facts)
  }

  deinit { unsafe munmap(bytes, count) }

  @unsafe
  private static func map(_ path: String) -> (UnsafeMutableRawPointer, Int)? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var info = stat()
    guard unsafe fstat(file, &info) == 0 else { return nil }
    let count = max(1, Int(info.st_size))
    guard let mapped = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), unsafe mapped != MAP_FAILED else {
      return nil
    }
    return unsafe (mapped, count)
  }

  @unsafe
  private static func verify(_ all: UnsafeRawBufferPointer) -> (Int, Facts)? {
    let end = all.count - tailCount
    guard end >= 0, unsafe all[end..<end + 8].elementsEqual(mark) else { return nil }
    let (first, second) = unsafe (
      all.loadUnaligned(fromByteOffset: end + 8, as: UInt64.self),
      all.loadUnaligned(fromByteOffset: end + 16, as: UInt64.self)
    )
    guard first > 0, first <= UInt64(end), second == UInt64(end) - first else { return nil }
    let body = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: all[..<end]))
    guard unsafe all[(end + 24)...].elementsEqual(FastChecksum.of(body)) else { return nil }
    let lines = unsafe String(decoding: all[Int(first)..<end], as: UTF8.self)
    return Facts(text: lines).map { (Int(first), $0) }
  }

  /// A copy of the network in the file; `nil` where the engine refuses.
  func imported(_ device: String, on core: Handle) -> Handle? {
    var made: OpaquePointer?
    let bytes = unsafe bytes.assumingMemoryBound(to: CChar.self)
    guard unsafe ov_core_import_model(core.raw, bytes, engineCount, device, &made) == OK, let made = unsafe made else {
      return nil
    }
    return unsafe Handle(made, free: ov_compiled_model_free)
  }

  /// Takes what was read out of this process's memory; what is touched again comes back from the system's.
  func dropPages() { unsafe madvise(bytes, count, MADV_DONTNEED) }

  /// Puts lines, lengths and checksum behind what the engine wrote to an open file, and waits until the disk has all.
  static func seal(_ descriptor: Int32, _ facts: Facts) throws(SystemError) {
    guard let text = facts.text else { throw SystemError(EINVAL) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end > 0 else { throw end < 0 ? .last : SystemError(EIO) }
    let lines = Array(text.utf8)
    unsafe try Descriptor.write(lines.span.bytes, to: descriptor)
    let count = Int(end) + lines.count
    guard let mapped = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), unsafe mapped != MAP_FAILED else {
      throw .last
    }
    let sum = unsafe FastChecksum.of(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: mapped, count: count)))
    unsafe munmap(mapped, count)
    let lengths = [UInt64(end), UInt64(lines.count)].flatMap { length in (0..<8).map { UInt8(length >> (8 * $0) & 255) }
    }
    unsafe try Descriptor.write((mark + lengths + sum).span.bytes, to: descriptor)
    guard fsync(descriptor) == 0 else { throw .last }
  }
}

extension CachedBlob {
  /// For tests that damage the engine's part: changes it, and makes lengths and checksum right again.
  package static func rewrite(_ path: String, _ change: (inout [UInt8]) -> Void) throws(Fault) {
    guard let blob = try CachedBlob(path) else { throw Fault(.notFound, "there is no \(path)") }
    var bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: blob.bytes, count: blob.engineCount))
    change(&bytes)
    let file = unsafe open(path, O_RDWR | O_TRUNC | O_CLOEXEC)
    defer { close(file) }
    do {
      unsafe try Descriptor.write(bytes.span.bytes, to: file)
      try seal(file, blob.facts)
    } catch { throw error.fault("write", path) }
  }
}
