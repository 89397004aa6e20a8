public import Base
internal import Crypto

/// Objects in a bucket of an S3 service, for any number of threads, processes and hosts.
///
///     PREFIX/format                          the form of all that follows
///     PREFIX/objects/ab/abcd…                an object; written once, under its name, when its digest is known to be right
///     PREFIX/holders/HOLDER                  written anew every minute by a process that has leases
///     PREFIX/leases/ab/abcd….HOLDER.N        holds an object, as long as its holder lives
///     PREFIX/doomed/ab.COLLECTOR             names that a collection is about to take away
///     PREFIX/collecting                      somebody collects
///
/// Bytes are compared by us: the digest of all grows with them and is compared before anything is visible, each request carries its
/// MD5, and what the service says of the size is read back. The service has to show a write to every reader that asks afterwards, in lists
/// too, as Amazon's does since 2020; why collection then takes nothing that is needed stands at ``collect(referenced:)``.
public final class S3ObjectStore: ObjectStore {
  public struct Settings: Sendable {
    /// Of the first 1,000 parts of an upload; the next 1,000 are twice as large, and so on, as there can be 10,000.
    public var partByteCount = 8 << 20
    /// What a process stores that its leases hold is safe for half of so long when it can say nothing of itself; the same on all
    /// hosts.
    public var leaseSeconds = 1800
    /// Uploads that were begun longer ago are given up by a collection.
    public var uploadSeconds = 86_400
    /// Bytes of the scratch folder's disk that stay free.
    public var reserve = 256 << 20
    /// Called between the steps whose order collection stands on, for tests that stretch the time between them.
    var pause: @Sendable () -> Void = {}

    public init() {}
  }

  /// What was done since the store was opened, for tests and figures.
  public struct Figures: Sendable, Hashable {
    public var partsSent = 0
    /// Parts that stood in the service from an upload that was cut off.
    public var partsFound = 0
    /// Objects that were there already.
    public var found = 0
  }

  public let client: S3Client
  let settings: Settings
  let scratch: String
  let holder: S3Holder
  let figures = Monitor(Figures())
  /// Objects that were found to be damaged: the next of their bytes that come replace them.
  private let damaged = Monitor(Set<ObjectName>())

  private static let format = Array("ridley-objects-1\n".utf8)
  static let blockByteCount = 8 << 20
  /// Smaller objects are read whole when they are opened.
  static let smallByteCount = 1 << 20

  /// Asks the service nothing yet: see ``check()``.
  ///
  /// `scratch` is a folder of this machine for bytes whose digest is not known yet, and for
  /// how far uploads are; several stores may share it. `complain` hears of what fails behind everybody's back.
  public init(
    _ client: S3Client, scratch: String, settings: Settings = Settings(),
    complain: @escaping @Sendable (Fault) -> Void = { _ in }
  ) throws(Fault) {
    precondition(settings.partByteCount >= 5 << 20, "services take no smaller parts than 5 MiB")
    (self.client, self.scratch, self.settings) = (client, scratch, settings)
    for name in ["spool", "uploads"] { try FileSystem.makeFolder("\(scratch)/\(name)") }
    holder = S3Holder(client, settings, complain: complain)
  }

  /// Whether the service is there, lets itself be read and written, and holds nothing of another form.
  public func check() throws(Fault) {
    let key = client.address.key("format")
    if try client.get(key, 0..<64) == nil { _ = try client.put(key, Self.format, onlyIfAbsent: true) }
    guard try client.get(key, 0..<64)?.bytes == Self.format else {
      throw Fault(.unsupported, "\(client.address.shown) holds objects in a form that this ridley does not know")
    }
  }

  public func write(_ plan: ObjectPlan) throws(Fault) -> any ObjectWriter { try S3Writer(self, plan) }

  /// A small object is read at once; a larger one is held by a lease as long as it is open.
  public func open(_ name: ObjectName) throws(Fault) -> (any ObjectReader)? {
    guard let first = try client.get(key(of: name), 0..<Self.smallByteCount) else { return nil }
    guard first.total > first.bytes.count else { return S3Reader(first, name, nil, self) }
    let lease = try holder.lease(name)
    guard try client.head(key(of: name)) != nil else { return nil }
    return S3Reader(first, name, lease, self)
  }

  /// `nil` too for one that was found damaged here: whoever has its bytes puts them, which mends it.
  public func lease(_ name: ObjectName) throws(Fault) -> (any ObjectLease)? {
    guard !isDamaged(name) else { return nil }
    let lease = try holder.lease(name)
    return try client.head(key(of: name)) == nil ? nil : lease
  }

  public func verify(_ name: ObjectName, each: () -> Void = {}) throws(Fault) -> ObjectState {
    var digest = SHA256()
    var (place, total) = (0, 1)
    while place < total {
      guard let part = try client.get(key(of: name), place..<(place + Self.blockByteCount)) else { return .missing }
      guard !part.bytes.isEmpty || part.total == 0 else { return .missing }
      digest.update(part.bytes)
      (place, total) = (place + part.bytes.count, part.total)
      each()
    }
    let found = digest.finish()
    guard found != name.digest else { return .sound }
    damaged.update { _ = $0.insert(name) }
    return .damaged(digest: found)
  }

  /// An address with which anybody may read this object, and no other, for so many seconds: browsers and workers fetch without passing
  /// through the server.
  ///
  /// Nothing holds the object meanwhile.
  public func address(
    of name: ObjectName, seconds: Int, contentType: String? = nil, fileName: String? = nil
  ) throws(Fault) -> String {
    try client.address(of: key(of: name), seconds: seconds, contentType: contentType, fileName: fileName)
  }

  /// The objects of one part.
  public func list(_ shard: String) throws(Fault) -> [ObjectName] {
    var names: [ObjectName] = []
    try client.forEachPage(client.address.key("objects/\(shard)/")) { names += $0.entries.compactMap(Self.name) }
    return names
  }

  /// Waits until the service knows of all leases of this store that have ended, which it is told a little later.
  public func settle() throws(Fault) { try holder.settle() }

  public var done: Figures { figures.update { $0 } }

  /// Where it stands in the bucket.
  public func key(of name: ObjectName) -> String { client.address.key("objects/\(name.shard)/\(name.digest)") }

  static func name(of entry: S3Entry) -> ObjectName? {
    entry.key.split(separator: "/").last.flatMap { ObjectName(String($0)) }
  }

  func isDamaged(_ name: ObjectName) -> Bool { damaged.update { $0.contains(name) } }
  func noteDamaged(_ name: ObjectName) { damaged.update { _ = $0.insert(name) } }
  func noteMended(_ name: ObjectName) { damaged.update { _ = $0.remove(name) } }
}
