public import Base
internal import JSON

/// The folder beside a blueprint in which stands what was applied of one stage: `site.deploy/STAGE/`.
///
/// Its files are for their owner's eyes. Who loses it has lost which things are the blueprint's: they are taken over again with `--adopt`.
public struct DeployFolder: Sendable {
  public let path: String

  /// Of a document, from the root.
  public init(besides site: String, stage: String) {
    let whole = site.hasSuffix(".yaml") ? site.dropLast(5) : site.hasSuffix(".yml") ? site.dropLast(4) : site[...]
    path = "\(whole).deploy/\(stage)"
  }

  private var statePath: String { "\(path)/state.json" }
  private var journalPath: String { "\(path)/journal.json" }

  /// What was applied; `nil` where nothing was yet.
  public func state() throws(Fault) -> DeployState? {
    guard FileSystem.isThere(statePath) else { return nil }
    return try DeployState(try FileSystem.read(statePath), name: statePath)
  }

  /// As above, made where it is missing, so that what one plan sealed the next one knows.
  public func madeState() throws(Fault) -> DeployState {
    if let state = try state() { return state }
    let state = DeployState.new()
    try write(state)
    return state
  }

  func write(_ state: DeployState) throws(Fault) {
    try FileSystem.makeFolder(path)
    try FileSystem.write(state.json, to: statePath, isSecret: true)
  }

  /// What an apply that has not ended did so far; `nil` where none is open.
  public func journal() throws(Fault) -> DeployJournal? {
    guard FileSystem.isThere(journalPath) else { return nil }
    return try DeployJournal(try FileSystem.read(journalPath), name: journalPath)
  }

  func write(_ journal: DeployJournal) throws(Fault) {
    try FileSystem.makeFolder(path)
    try FileSystem.write(journal.json, to: journalPath, isSecret: true)
  }

  func removeJournal() throws(Fault) {
    try FileSystem.remove(journalPath)
    try FileSystem.sync(folder: path)
  }

  /// Keeps others out who apply the same stage, while `body` runs.
  ///
  /// - Throws: `conflict` at once where another is at work.
  public func alone<T>(_ body: () throws(Fault) -> T) throws(Fault) -> T {
    try FileSystem.makeFolder(path)
    let lock: FolderLock
    do throws(Fault) { lock = try FolderLock(path, against: "another apply") { false } } catch {
      guard error.kind == .closed else { throw error }
      throw Fault(.conflict, "another apply of this stage is at work (\(path)): wait until it has ended")
    }
    let result = try body()
    _ = consume lock
    return result
  }
}

/// What an apply has done, written before and after each step: one that was interrupted goes on from it, or back.
public struct DeployJournal: Sendable, Hashable {
  public let plan: DeployPlan
  /// Steps of which something may have reached the server, by their number; and those of which all did.
  var begun: Set<Int> = []
  var done: Set<Int> = []
  /// Why it goes back; `nil` as long as it goes on.
  var failure: String?
  /// What was left on the way back, in words.
  var left: [String] = []
  /// All was done, and found to be well: what is left is to write that down.
  var isThrough = false

  init(_ plan: DeployPlan) { self.plan = plan }

  private enum Key: String, CaseIterable { case plan, begun, done, failure, left, through }

  var json: [UInt8] {
    JSONWriter.object(capacity: 1 << 12) { json in
      json.field("plan", embedding: plan.json)
      json.array("begun") { json in for number in begun.sorted() { json.integer(number) } }
      json.array("done") { json in for number in done.sorted() { json.integer(number) } }
      json.field("failure", ifKnown: failure)
      json.field("left", left)
      json.field("through", isThrough)
    }
  }

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: name).root.fields(Key.self)
    self.init(try DeployPlan(fields.required(.plan)))
    for value in try fields.required(.begun).elements() { begun.insert(try number(value)) }
    for value in try fields.required(.done).elements() { done.insert(try number(value)) }
    failure = try fields[.failure]?.string()
    if let words = fields[.left] { for word in try words.elements() { left.append(try word.string()) } }
    isThrough = try fields[.through]?.bool() ?? false
  }

  private func number(_ value: JSONValue) throws(Fault) -> Int {
    let number = try value.integer()
    guard plan.steps.indices.contains(number) else { throw value.fault("the plan has no step \(number)") }
    return number
  }
}
