import Base
import Bus
import Catalog
import Crypto
import Glibc
import Jobs
import Library
import Objects
import Store

/// A library that many machines share: its items in PostgreSQL or DynamoDB, its bytes in a bucket, its tasks in Redis or with its items in PostgreSQL.
///
/// Addresses hold secrets, which the words of a command show to everybody on the machine: they are better said by the environment. Options and
/// files of settings are put there too, so that the processes of a command find them.
enum SharedPlace {
  /// One part that is elsewhere.
  enum Part: String, CaseIterable {
    case store, objects, bus

    var variable: String { "RIDLEY_\(rawValue.uppercased())" }
    var address: String? { getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } }

    func say(_ address: String) { setenv(variable, address, 1) }
  }

  static let options: [Option] = [
    .value("store", "URL", "items in PostgreSQL: postgres://user@host/database (or RIDLEY_STORE)"),
    .value("objects", "URL", "bytes in a bucket: s3://bucket/prefix (or RIDLEY_OBJECTS)"),
    .value("bus", "URL", "tasks in Redis: redis://host; else in the store (or RIDLEY_BUS)"),
  ]

  /// What a command line says counts more than the environment.
  static func take(_ arguments: Arguments) {
    for part in Part.allCases { if let address = arguments[part.rawValue] { part.say(address) } }
  }

  static var isMeant: Bool { Part.store.address != nil }

  /// Where this machine keeps what is on its way, unless a folder is named: one for each library.
  static func usualFolder(in home: String) -> String {
    usualFolder(in: home, Part.store.address ?? "", Part.objects.address)
  }

  static func usualFolder(in home: String, _ store: String, _ objects: String?) -> String {
    let words = "\(store)\n\(objects ?? "")"
    return "\(home)/shared/\(SHA256.hex(of: Array(words.utf8)).prefix(12))"
  }

  static func open(workingIn folder: String, patience: Double? = nil) throws(Fault) -> Library {
    guard let store = Part.store.address else { throw Fault(.bug, "no library is shared") }
    return try open(store, Part.objects.address, workingIn: folder, patience: patience)
  }

  static func open(
    _ store: String, _ objects: String?, workingIn folder: String, patience: Double? = nil
  ) throws(Fault) -> Library {
    guard isStore(store) else {
      throw Fault(
        .usage, "a store is postgres://USER@HOST/DATABASE or dynamodb://REGION/TABLE, and not the one that was said")
    }
    let table: any Store.Table =
      isDynamoDB(store)
      ? try DynamoDBTable(store, schema: LibrarySchema.table, environment: environment)
      : try PostgreSQLTable(store, schema: LibrarySchema.table)
    // whoever may make the library's tables is the one to make those of tasks beside them; who needs them is told what is wrong
    if Part.bus.address == nil, !isDynamoDB(store) { try? PostgreSQLBus.makeTables(store) }
    let bucket = try objects.map { (address) throws(Fault) in
      try self.bucket(address, scratch: "\(folder)/bucket", patience)
    }
    return try Library(sharing: table, bucket, workingIn: folder)
  }

  /// What the environment says of Amazon's services, or of others that are asked as they are.
  private static let settings =
    [
      "RIDLEY_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "RIDLEY_S3_PUBLIC_ENDPOINT", "RIDLEY_S3_STYLE",
      "AWS_REGION", "AWS_DEFAULT_REGION", "RIDLEY_S3_ENCRYPTION", "RIDLEY_DYNAMODB_ENDPOINT",
      "AWS_ENDPOINT_URL_DYNAMODB",
    ] + AmazonRole.variables

  static var environment: [String: String] {
    Dictionary(uniqueKeysWithValues: settings.compactMap { name in getenv(name).map { (name, String(cString: $0)) } })
  }

  /// Who asks for a part of a bucket, with what the environment says; nothing is asked yet.
  static func client(_ address: String, patience: Double?) throws(Fault) -> S3Client {
    let environment = environment
    var ways = S3Client.Settings()
    if let patience { ways.retrySeconds = patience }
    if let word = environment["RIDLEY_S3_ENCRYPTION"] { ways.encryption = try S3Encryption(word) }
    return S3Client(
      try S3Address(address, environment: environment), try AmazonRole.orCredentials(environment: environment),
      settings: ways)
  }

  private static func bucket(_ address: String, scratch: String, _ patience: Double?) throws(Fault) -> S3ObjectStore {
    try FileSystem.makeFolder(scratch)
    let client = try client(address, patience: patience)
    let bucket = try S3ObjectStore(client, scratch: scratch) { Terminal.complain(of: $0) }
    // One that is away now may come back; what it is otherwise is told at once.
    do throws(Fault) { try bucket.check() } catch { guard error.kind == .unavailable else { throw error } }
    return bucket
  }

  /// What the parts keep at a loss of power, for whoever starts a server.
  static func promises(_ jobs: JobDesk) -> [String] {
    var sentences: [String] = []
    let isKept = (jobs.library.table as? PostgreSQLTable)?.isDurable ?? true
    if !isKept || (jobs.bus as? PostgreSQLBus)?.isDurable == false {
      sentences.append(
        "PostgreSQL answers before its disk has it: a loss of power loses what was answered last (fsync, synchronous_commit)"
      )
    }
    if let bus = jobs.bus as? RedisBus { sentences.append(bus.durability.sentence) }
    if !jobs.hasBus {
      sentences.append("there is no bus (RIDLEY_BUS): jobs of other engines alone are started, and triggers start none")
    }
    return sentences
  }

  static func isStore(_ address: String) -> Bool {
    isPostgreSQL(address) || isDynamoDB(address)
  }

  private static func isPostgreSQL(_ address: String) -> Bool {
    address.hasPrefix("postgres://") || address.hasPrefix("postgresql://")
  }

  private static func isDynamoDB(_ address: String) -> Bool { address.hasPrefix("dynamodb://") }

  /// Where none is named, tasks are in the store's database; beside DynamoDB there are none.
  static func bus() throws(Fault) -> any Bus {
    guard let address = Part.bus.address ?? Part.store.address else { throw Fault(.bug, "no library is shared") }
    if address.hasPrefix("redis://") || address.hasPrefix("rediss://") { return try RedisBus(address) }
    if Part.bus.address == nil, isDynamoDB(address) { return NoBus() }
    guard isPostgreSQL(address) else {
      throw Fault(
        .usage, "a bus is redis://HOST, rediss://HOST or postgres://USER@HOST/DATABASE, and not the one that was said")
    }
    return try PostgreSQLBus(address)
  }
}
