public import Base
internal import Crypto

/// Bytes by their SHA-256: the port that every place for them fulfils.
///
/// An object never changes. It is not there before all of its bytes are, and the same bytes are kept once. What is put or found is held
/// by a lease until its owner has written down that it is needed; collection takes what has neither.
public protocol ObjectStore: Sendable {
  /// A place for new bytes.
  func write(_ plan: ObjectPlan) throws(Fault) -> any ObjectWriter

  /// Opens an object to be read; `nil` where there is none. What is open can be read to its end, whatever is collected meanwhile.
  func open(_ name: ObjectName) throws(Fault) -> (any ObjectReader)?

  /// Holds an object that is there; `nil` where there is none.
  func lease(_ name: ObjectName) throws(Fault) -> (any ObjectLease)?

  /// Reads all bytes of an object and compares them with its name; calls `each` now and then meanwhile.
  func verify(_ name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState

  /// Takes away what is neither referred to nor held: see ``Collection``.
  func collect(
    referenced: (_ shard: String) throws(Fault) -> Set<ObjectName>
  ) throws(Fault) -> Collection
}

/// What is known of bytes before they come.
public struct ObjectPlan: Sendable, Hashable {
  /// How many they are; more or fewer are refused.
  ///
  /// Space is asked for before the first.
  public var byteCount: Int?
  /// Their digest; others are refused.
  public var name: ObjectName?
  /// How many may be taken at most, where the number is not known: what is left of somebody's quota.
  public var largestByteCount: Int?
  /// They can be made again: nothing waits for the disk, and a loss of power may take them, or leave others under their name.
  ///
  /// A reader of such an object verifies it first.
  public var canBeMadeAgain = false

  public init(byteCount: Int? = nil, name: ObjectName? = nil, largestByteCount: Int? = nil) {
    (self.byteCount, self.name, self.largestByteCount) = (byteCount, name, largestByteCount)
  }

  /// Refuses more bytes than were announced or may be stored, before the first of them is taken.
  func check() throws(Fault) {
    if let byteCount, let largest = largestByteCount, byteCount > largest { throw tooMany(largest) }
  }

  /// Refuses more bytes than these, where so many have come.
  func check(_ total: Int) throws(Fault) {
    if let byteCount, total > byteCount {
      throw Fault(.badInput, "more than the \(byteCount) bytes come that were announced")
    }
    if let largest = largestByteCount, total > largest { throw tooMany(largest) }
  }

  /// What all bytes are called; refused where they are other than was announced.
  func checked(_ count: Int, digest: consuming SHA256) throws(Fault) -> ObjectName {
    if let byteCount, count != byteCount {
      throw Fault(.badInput, "\(count) bytes came, and \(byteCount) were announced")
    }
    let found = ObjectName(digest.finish())!
    if let name, name != found {
      throw Fault(.badInput, "the bytes have the SHA-256 \(found), not \(name) as announced")
    }
    return found
  }

  private func tooMany(_ largest: Int) -> Fault {
    Fault(.exhausted, "more bytes than the \(largest) that may still be stored here")
  }
}

/// Takes the bytes of one object from front to back.
///
/// One that is dropped without ``finish()`` leaves nothing.
///
/// Not for two threads at once.
public protocol ObjectWriter: AnyObject {
  func append(_ bytes: borrowing RawSpan) throws(Fault)
  /// Checks the digest and makes the object visible; when this has returned, it outlives a loss of power,
  /// unless it can be made again.
  func finish() throws(Fault) -> StoredObject
}

public struct StoredObject: Sendable {
  public let name: ObjectName
  public let byteCount: Int
  /// Holds the object until the caller has written down that it needs it.
  public let lease: any ObjectLease

  /// Of an object that is there already and held.
  public init(name: ObjectName, byteCount: Int, lease: any ObjectLease) {
    (self.name, self.byteCount, self.lease) = (name, byteCount, lease)
  }
}

/// Holds an object while this lives; ends with the value or the process.
public protocol ObjectLease: AnyObject, Sendable {
  var name: ObjectName { get }
  /// Whether it holds still, and will for some minutes: `false` where its holder could not say for too long that it lives, so that others
  /// take it for dead.
  ///
  /// Ask it just before a reference is written.
  var isHeld: Bool { get }
}

extension ObjectLease {
  public var isHeld: Bool { true }
}

public protocol ObjectReader: AnyObject, Sendable {
  var byteCount: Int { get }
  /// The bytes of a range, as far as there are such.
  func read(_ range: Range<Int>) throws(Fault) -> [UInt8]
}

extension ObjectReader {
  private static var blockByteCount: Int { 4 << 20 }

  /// All bytes, from front to back, into a writer, which is not finished.
  public func copy(into writer: any ObjectWriter) throws(Fault) {
    var done = 0
    while done < byteCount {
      let block = try read(done..<min(done + Self.blockByteCount, byteCount))
      guard !block.isEmpty else {
        throw Fault(.unavailable, "an object ended before the last of its \(byteCount) bytes")
      }
      try unsafe writer.append(block.span.bytes)
      done += block.count
    }
  }
}

public enum ObjectState: Sendable, Hashable {
  case sound
  /// The bytes have another digest.
  case damaged(digest: String)
  case missing
}

/// What a collection did.
public struct Collection: Sendable, Hashable {
  /// Objects that were looked at.
  public var seen = 0
  public var removed = 0
  public var removedByteCount = 0
  /// Not referred to, and held by a lease.
  public var held = 0
  /// Uploads that nobody went on with for a day; their parts are given up.
  public var abandoned = 0

  public init() {}
}
