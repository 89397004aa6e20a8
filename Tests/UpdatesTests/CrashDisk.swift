import Base
import Crypto
import TestKit
import Updates

/// A disk in memory that loses its power after so many operations.
///
/// What was not synced is lost then: of a file all bytes behind its last sync, of names those of the last operations, from a random one on; a
/// folder's sync keeps what was done in that folder.
final class CrashDisk: UpdateDisk {
  enum Node: Sendable {
    case folder
    case file(Int)
    case link(String)
  }

  /// One change of names, which is done or not.
  private enum Change: Sendable {
    case set(String, Node?)
    /// With all that the source holds.
    case move(String, String)

    func apply(to names: inout [String: Node]) {
      switch self {
      case .set(let path, let node): names[path] = node
      case .move(let source, let target):
        for (path, node) in names where path == source || path.hasPrefix("\(source)/") {
          names[path] = nil
          names[target + path.dropFirst(source.count)] = node
        }
      }
    }
  }

  private struct State: Sendable {
    var names: [String: Node] = [:]
    /// By number, as files have several names.
    var bytes: [Int: [UInt8]] = [:]
    var synced: [Int: Int] = [:]
    /// Names as the disk has them, and what was done since, in order.
    var kept: [String: Node] = [:]
    var pending: [(folder: String, change: Change)] = []
    var files = 0
    var operations = 0
  }

  static let loss = Fault(.bug, "the power is gone")

  private let state = Monitor(State())
  private let limit: Int
  let (free, whole): (Int, Int)

  init(limit: Int = .max, free: Int = 1 << 40, whole: Int = 1 << 41) {
    (self.limit, self.free, self.whole) = (limit, free, whole)
    state.update { state in
      state.names = ["": .folder, "/node": .folder]
      state.kept = state.names
    }
  }

  /// The disk as it is found after the power went, with nothing pending.
  init(after other: CrashDisk, using random: inout SeededRandom, limit: Int = .max) {
    (self.limit, free, whole) = (limit, other.free, other.whole)
    let old = other.state.update { $0 }
    var new = State()
    new.kept = old.kept
    for one in old.pending.prefix(Int.random(in: 0...old.pending.count, using: &random)) {
      one.change.apply(to: &new.kept)
    }
    // What a folder held that is gone went with it.
    for path in new.kept.keys.sorted() where !path.isEmpty {
      guard case .folder? = new.kept[Self.parent(path)] else {
        new.kept[path] = nil
        continue
      }
    }
    new.names = new.kept
    for (number, bytes) in old.bytes { new.bytes[number] = Array(bytes.prefix(old.synced[number] ?? 0)) }
    (new.synced, new.files) = (new.bytes.mapValues(\.count), old.files)
    let done = new
    state.update { $0 = done }
  }

  var operations: Int { state.update { $0.operations } }

  private static func parent(_ path: String) -> String {
    let folder = FileSystem.folder(of: path)
    return folder == "/" ? "" : folder
  }

  /// One operation that changes something.
  private func change(_ body: (inout State) throws(Fault) -> Void) throws(Fault) {
    try state.update { (state) throws(Fault) in
      guard state.operations < limit else { throw Self.loss }
      state.operations += 1
      try body(&state)
    }
  }

  private func look<Result>(_ body: (State) throws(Fault) -> Result) throws(Fault) -> Result {
    try state.update { (state) throws(Fault) in
      guard state.operations < limit else { throw Self.loss }
      return try body(state)
    }
  }

  private func missing(_ path: String) -> Fault { Fault(.notFound, "there is no \(path)") }

  private func rename(_ state: inout State, _ path: String, _ node: Node?) throws(Fault) {
    let folder = Self.parent(path)
    guard case .folder? = state.names[folder] else { throw missing(folder) }
    state.names[path] = node
    state.pending.append((folder, .set(path, node)))
  }

  func makeFolder(_ path: String) throws(Fault) {
    try change { (state) throws(Fault) in
      if case .folder? = state.names[path] { return }
      try rename(&state, path, .folder)
    }
  }

  func list(_ path: String) throws(Fault) -> [String] {
    try look { (state) throws(Fault) in
      state.names.keys.filter { $0.hasPrefix("\(path)/") && Self.parent($0) == path }.map(FileSystem.name(of:)).sorted()
    }
  }

  private func file(_ path: String, _ state: State) -> Int? {
    if case .file(let number)? = state.names[path] { number } else { nil }
  }

  func byteCount(of path: String) throws(Fault) -> Int? {
    try look { (state) throws(Fault) in file(path, state).map { state.bytes[$0]!.count } }
  }

  func read(_ path: String) throws(Fault) -> [UInt8] {
    try look { (state) throws(Fault) in
      guard let number = file(path, state) else { throw missing(path) }
      return state.bytes[number]!
    }
  }

  func digest(of path: String) throws(Fault) -> String { SHA256.hex(of: try read(path)) }

  func create(_ path: String, _ bytes: [UInt8]) throws(Fault) {
    try change { (state) throws(Fault) in
      if let number = file(path, state) {
        (state.bytes[number], state.synced[number]) = (bytes, 0)
        return
      }
      state.files += 1
      state.bytes[state.files] = bytes
      try rename(&state, path, .file(state.files))
    }
  }

  func append(_ bytes: [UInt8], to path: String) throws(Fault) {
    try change { (state) throws(Fault) in
      guard let number = file(path, state) else { throw missing(path) }
      state.bytes[number]! += bytes
    }
  }

  func makeExecutable(_ path: String) throws(Fault) { _ = try read(path) }

  func sync(file path: String) throws(Fault) {
    try change { (state) throws(Fault) in
      guard let number = file(path, state) else { throw missing(path) }
      state.synced[number] = state.bytes[number]!.count
    }
  }

  func sync(folder path: String) throws(Fault) {
    try change { (state) throws(Fault) in
      for one in state.pending where one.folder == path { one.change.apply(to: &state.kept) }
      state.pending.removeAll { $0.folder == path }
    }
  }

  func move(_ source: String, to target: String) throws(Fault) {
    try change { (state) throws(Fault) in
      guard state.names[source] != nil else { throw missing(source) }
      let change = Change.move(source, target)
      change.apply(to: &state.names)
      state.pending.append((Self.parent(target), change))
    }
  }

  func link(_ source: String, to target: String) throws(Fault) {
    try change { (state) throws(Fault) in
      guard let number = file(source, state), state.names[target] == nil else { throw missing(source) }
      try rename(&state, target, .file(number))
    }
  }

  func pointLink(_ path: String, to target: String) throws(Fault) {
    try change { (state) throws(Fault) in
      guard state.names[path] == nil else { throw Fault(.conflict, "\(path) is there") }
      try rename(&state, path, .link(target))
    }
  }

  func target(ofLink path: String) throws(Fault) -> String? {
    try look { (state) throws(Fault) in if case .link(let target)? = state.names[path] { target } else { nil } }
  }

  func remove(_ path: String) throws(Fault) {
    let names = try look { (state) throws(Fault) in
      state.names.keys.filter { $0 == path || $0.hasPrefix("\(path)/") }.sorted { $0.utf8.count > $1.utf8.count }
    }
    // File by file, as the system does it.
    for name in names { try change { (state) throws(Fault) in try rename(&state, name, nil) } }
  }

  func freeByteCount(in folder: String) throws(Fault) -> Int { free }
  func wholeByteCount(in folder: String) throws(Fault) -> Int { whole }
}
