/// The whole body of a request, in memory that goes back to a pool when the last reference goes.
public final class Body: Sendable {
  private let block: BodyBlock?
  private let offset: Int
  private let share: BudgetShare?
  public let count: Int

  init(_ block: BodyBlock?, offset: Int, count: Int, share: BudgetShare?) {
    (self.block, self.offset, self.count, self.share) = (block, offset, count, share)
  }

  /// Counts memory that was made from this body as the body's own, for as long as this object lives; false where its sender holds as
  /// much as it may.
  public func hold(_ byteCount: Int) -> Bool { share?.add(byteCount) ?? true }

  /// The bytes, which must not be used after this object is gone.
  @unsafe public var bytes: UnsafeRawBufferPointer {
    guard let block else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeRawBufferPointer(start: block.start + offset, count: count)
  }

  /// Lends the bytes for as long as the call takes.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ look: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { extendLifetime(self) }
    return try unsafe look(bytes.bytes)
  }
}

/// A body while it comes in.
public struct BodyBuilder: ~Copyable, Sendable {
  private let pool: BodyPool
  private var block: BodyBlock?
  private let offset: Int
  private let limit: Int
  private let share: BudgetShare?
  private(set) var count = 0
  /// Bytes that it will have, as its sender says.
  private var announced = 0

  /// For a body of known size `expecting`, or of one to be found out, which then grows up to `limit`; `nil` where the
  /// system has no more memory.
  ///
  /// What comes of it counts as held by `owner`.
  init?(_ pool: BodyPool, expecting: Int?, limit: Int, lead: Int, owner: String) {
    (self.pool, self.limit) = (pool, expecting ?? limit)
    share = expecting == 0 ? nil : BudgetShare(pool.budget, owner: owner)
    offset = (64 - lead % 64) % 64
    if let expecting, expecting > 0 {
      guard let block = pool.take(offset + expecting) else { return nil }
      self.block = block
    }
  }

  enum Growth { case fits, tooLong(limit: Int), noMemory }

  /// Where the next bytes may be written, for a body of known size.
  var room: UnsafeMutableRawBufferPointer {
    guard let block else { return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeMutableRawBufferPointer(
      start: block.start + offset + count, count: min(limit, block.capacity - offset) - count)
  }

  /// So many bytes were written into `room`; false where there is no room for them in the budget.
  mutating func filled(_ more: Int) -> Bool {
    count += more
    return share?.add(more) ?? true
  }

  /// Takes memory for so many bytes with the first of them; more may come all the same.
  mutating func expect(_ count: Int) { announced = min(count, limit) }

  mutating func append(_ part: UnsafeRawBufferPointer) -> Growth {
    guard part.count <= limit - count else { return .tooLong(limit: limit) }
    guard unsafe !part.isEmpty else { return .fits }
    guard share?.add(part.count) ?? true else { return .noMemory }
    let need = offset + count + part.count
    if need > block?.capacity ?? 0 {
      let wanted = max(need, min(need * 2, offset + limit), offset + announced, 4096)
      guard let larger = pool.take(wanted) else { return .noMemory }
      if let block {
        unsafe (larger.start + offset).copyMemory(from: block.start + offset, byteCount: count)
      }
      block = larger
    }
    unsafe room.copyMemory(from: part)
    count = count + part.count
    return .fits
  }

  /// Takes the next bytes; false where they are more than were announced, or its sender holds as much as it may.
  public mutating func append(_ part: RawSpan) -> Bool {
    unsafe part.withUnsafeBytes { part in
      switch unsafe append(part) {
      case .fits: true
      case .tooLong, .noMemory: false
      }
    }
  }

  /// What came.
  public consuming func finish() -> Body { Body(count == 0 ? nil : block, offset: offset, count: count, share: share) }
}
