public import Base
internal import Crypto
internal import Glibc
internal import Synchronization
public import Uploads

/// Uploads that can be continued, beside the objects that they become.
///
/// Of each there are its record (`ID.json`) and, until it is whole, its bytes (`ID.part`), whose space is taken when it is made. A request that
/// adds bytes locks the second. Both outlive the process: what the record's offset counts is on the disk.
public final class UploadFolder: Sendable {
  let objects: ObjectFolder
  private let path: String
  /// Digests of parts that were written without a break since they were begun, so that the whole need not be read again at its end.
  let digests = RunningDigests()

  /// Takes away bytes that no record is there for, left by a process that died while it made an upload.
  public init(_ objects: ObjectFolder) throws(Fault) {
    (self.objects, path) = (objects, "\(objects.path)/uploads")
    for name in try FileSystem.list(path) where name.hasSuffix(".part") {
      let id = String(name.dropLast(5))
      guard !FileSystem.isThere(recordFile(id)) else { continue }
      guard let orphan = try? LockedFile("\(path)/\(name)", creates: false) else { continue }
      // Its maker may have ended well meanwhile.
      if !FileSystem.isThere(recordFile(id)) { orphan.unlink() }
    }
    FileSystem.removeStaging(in: path)
  }

  /// Takes space for a new upload and writes its record down; the part is for the first bytes, where they come at once.
  public func create(_ record: UploadRecord) throws(Fault) -> UploadPart {
    guard Self.isName(record.id) else { throw Fault(.badInput, "an upload's id is letters, digits, - and _") }
    let file = try LockedFile.made { partFile(record.id) }
    do {
      try objects.space.allocate(record.byteCount, file.descriptor)
      try save(record)
    } catch {
      file.unlink()
      throw error
    }
    return UploadPart(record, file, in: self)
  }

  /// `nil` where there is no such upload.
  public func record(_ id: String) throws(Fault) -> UploadRecord? {
    guard Self.isName(id) else { return nil }
    do {
      return try UploadRecord(json: FileSystem.read(recordFile(id), limit: 1 << 16), name: "the record of an upload")
    } catch  where error.kind == .notFound {
      return nil
    }
  }

  /// What a request for one upload finds.
  public enum Found {
    case none
    /// Another request is at it.
    case busy(UploadRecord)
    case free(UploadPart)
    /// All bytes are there already, and are an object.
    case complete(UploadRecord)
  }

  /// Opens an upload for one who changes it.
  public func open(_ id: String) throws(Fault) -> Found {
    guard let record = try record(id) else { return .none }
    if record.object != nil, !FileSystem.isThere(partFile(id)) { return .complete(record) }
    let file: LockedFile
    do { file = try LockedFile(partFile(id), creates: false) } catch {
      guard let now = try self.record(id) else { return .none }
      return now.object == nil || FileSystem.isThere(partFile(id)) ? .busy(now) : .complete(now)
    }
    // It may have gone on until it was locked.
    guard let current = try self.record(id) else { return .none }
    return .free(UploadPart(current, file, in: self))
  }

  /// Takes away what has expired, but for what is in use.
  public func removeExpired(now: Int) throws(Fault) -> Int {
    try remove { $0.isExpired(now: now) }
  }

  /// Whether there is an upload of a kind.
  public func contains(where isMeant: (UploadRecord) -> Bool) throws(Fault) -> Bool {
    for id in try ids() {
      if let record = try? record(id), isMeant(record) { return true }
    }
    return false
  }

  /// Takes away uploads of a kind, but for what a request is at right now; how many they were.
  public func remove(_ isMeant: (UploadRecord) -> Bool) throws(Fault) -> Int {
    var count = 0
    for id in try ids() {
      guard let record = try? record(id), isMeant(record) else { continue }
      switch try open(id) {
      case .free(let part):
        // It may have gone on until it was locked.
        guard isMeant(part.record) else { continue }
        try part.remove()
      case .complete: try FileSystem.remove(recordFile(id))
      case .busy, .none: continue
      }
      count += 1
    }
    return count
  }

  /// Writes down what a whole upload became; its record is kept until it expires, so that a client that lost the last answer finds it whole.
  public func finish(_ record: UploadRecord, as result: String) throws(Fault) {
    var record = record
    record.result = result
    try save(record)
  }

  /// Runs while no other thread or process decides what a whole upload becomes; keep it short.
  public func deciding<Result>(_ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    let lock = try LockedFile("\(path)/.deciding", waits: true)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  /// Forgets a whole upload of which is written down what it became.
  public func forget(_ record: UploadRecord) throws(Fault) { try FileSystem.remove(recordFile(record.id)) }

  /// The uploads that are whole, and of which is not known what they became: their process died before that.
  ///
  /// Those whose bytes came, and were not yet made an object, are.
  public func unfinished() throws(Fault) -> [UploadRecord] {
    var records: [UploadRecord] = []
    for id in try ids() {
      guard let record = try? record(id), record.isComplete, record.result == nil else { continue }
      switch try open(id) {
      case .complete(let record): if record.result == nil { records.append(record) }
      case .free(let part): if part.record.isComplete, try part.complete().stored != nil { records.append(part.record) }
      case .busy, .none: continue
      }
    }
    return records
  }

  /// Uploads of an owner that are not whole yet.
  public func unfinishedCount(of owner: String) throws(Fault) -> Int {
    var count = 0
    for id in try ids() {
      if let record = try? record(id), record.owner == owner, record.result == nil { count += 1 }
    }
    return count
  }

  /// Bytes that uploads of an owner will have, which are not whole yet.
  public func promisedByteCount(to owner: String) throws(Fault) -> Int {
    try ids().reduce(0) { (sum, id) in
      guard let record = try? record(id), record.owner == owner, record.result == nil else { return sum }
      return sum + record.byteCount
    }
  }

  /// Objects that uploads became or are about to become.
  var named: Set<ObjectName> {
    get throws(Fault) {
      var names: Set<ObjectName> = []
      for id in try ids() {
        guard let record = try record(id), record.result == nil else { continue }
        if let digest = record.object, let name = ObjectName(digest) { names.insert(name) }
      }
      return names
    }
  }

  func ids() throws(Fault) -> [String] {
    try FileSystem.list(path).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
  }

  func save(_ record: UploadRecord) throws(Fault) {
    try FileSystem.write(record.json, to: recordFile(record.id), isDurable: true)
  }

  func partFile(_ id: String) -> String { "\(path)/\(id).part" }
  func recordFile(_ id: String) -> String { "\(path)/\(id).json" }

  private static func isName(_ id: String) -> Bool {
    (1...64).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: "_")
      }
  }
}
