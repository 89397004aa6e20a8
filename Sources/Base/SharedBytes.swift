/// Bytes that stand still and are not written as long as their owner lives, such as a request's body or a tensor.
@safe
public struct SharedBytes: @unchecked Sendable {  // read only, and kept alive by `owner`
  private let owner: any AnyObject & Sendable
  /// Valid while this value, or a copy of it, lives.
  @unsafe public let pointer: UnsafeRawBufferPointer

  public var count: Int { unsafe pointer.count }

  /// The owner frees the memory when it goes, and it is not written until then.
  @unsafe
  public init(_ pointer: UnsafeRawBufferPointer, of owner: any AnyObject & Sendable) {
    unsafe (self.pointer, self.owner) = (pointer, owner)
  }

  /// Fresh memory, aligned for any engine, written once by `fill`.
  public init<Failure: Error>(
    count: Int, fill: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    let memory = AlignedMemory(unwritten: count)
    let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count])
    var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
    try fill(&span)
    unsafe self.init(UnsafeRawBufferPointer(bytes), of: memory)
  }

  /// A part of it.
  public subscript(_ range: Range<Int>) -> SharedBytes {
    unsafe SharedBytes(UnsafeRawBufferPointer(rebasing: pointer[range]), of: owner)
  }

  /// Its first byte stands right behind the last one of `other`.
  public func follows(_ other: SharedBytes) -> Bool {
    guard let start = pointer.baseAddress, let before = other.pointer.baseAddress else { return false }
    return start == before + other.count
  }

  /// Copies bytes.
  public init(_ bytes: [UInt8]) {
    self.init(count: bytes.count) { (span) in
      unsafe span.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
    }
  }
}

/// Memory on a border of 64 bytes (a cache line, and the widest vector register), written in place and lent to an engine.
@safe
public final class AlignedMemory: @unchecked Sendable {  // who writes a part and who reads it agree on the time
  /// Valid while this lives.
  @unsafe public let bytes: UnsafeMutableRawBufferPointer

  init(unwritten count: Int) { unsafe bytes = .allocate(byteCount: max(1, count), alignment: 64) }

  /// Zeros.
  public convenience init(_ count: Int) {
    self.init(unwritten: count)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { unsafe bytes.deallocate() }

  /// A part of it, to be read while it is not written.
  public subscript(_ range: Range<Int>) -> SharedBytes {
    unsafe SharedBytes(UnsafeRawBufferPointer(rebasing: bytes[range]), of: self)
  }

  /// Lends a part to be written.
  public func write<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var span = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: bytes[range]))
    try body(&span)
  }
}
