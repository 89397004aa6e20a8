/// Which task comes next when several workers share files: whole ones while there are enough, parts of them at the end.
///
/// A value: what workers report goes in, tasks come out. Files and workers are numbers from 0.
public struct Agenda: Sendable {
  public enum Work: Sendable, Hashable {
    /// All of a file, in one go.
    case whole(file: Int)
    /// Find out where a file can be cut.
    case plan(file: Int)
    case part(file: Int, part: Int)
    /// Put the first so many parts together; fewer than all, where the run was stopped.
    case merge(file: Int, parts: Int, isStopped: Bool)

    public var file: Int {
      switch self {
      case .whole(let file), .plan(let file), .part(let file, _), .merge(let file, _, _): file
      }
    }
  }

  private enum State {
    case untouched
    case planning
    case inParts(Parts)
    case merging
    case wanted, atWork
    case over
  }

  private struct Parts {
    let count: Int
    var answered: Set<Int> = []
    /// At work, and stopped before their end.
    var open: Set<Int> = []
    var stopped: Set<Int> = []

    /// One that was not begun.
    var next: Int? {
      (0..<count).first { !answered.contains($0) && !open.contains($0) && !stopped.contains($0) }
    }

    /// How many can be put together: up to the first that is not whole, and what there is of that one.
    var first: Int {
      let whole = (0..<count).prefix { answered.contains($0) }.count
      return stopped.contains(whole) ? whole + 1 : whole
    }
  }

  private let workers: Int
  private let canBeCut: [Bool]
  private var files: [State]
  private var isStopped = false

  /// `canBeCut` says of each file whether several workers can open it.
  public init(workers: Int, canBeCut: [Bool]) {
    (self.workers, self.canBeCut) = (workers, canBeCut)
    files = Array(repeating: .untouched, count: canBeCut.count)
  }

  /// Nothing is left to do, and nothing is at work.
  public var isDone: Bool {
    files.allSatisfy {
      switch $0 {
      case .over: true
      case .untouched, .wanted: isStopped
      default: false
      }
    }
  }

  /// Files that are over.
  public var overCount: Int { files.indices.count { isOver($0) } }

  /// Files that are over, and of the others what share of their parts is answered.
  public var share: Double {
    let done = files.reduce(0.0) { sum, state in
      switch state {
      case .over: sum + 1
      case .inParts(let parts): sum + Double(parts.answered.count) / Double(parts.count)
      case .merging: sum + 1
      default: sum
      }
    }
    return done / Double(max(1, files.count))
  }

  /// What a worker that has nothing to do begins with; `nil` where there is nothing now.
  public mutating func next() -> Work? {
    for file in files.indices {
      guard case .inParts(let parts) = files[file] else { continue }
      let isWhole = parts.answered.count == parts.count
      guard isWhole || isStopped && parts.open.isEmpty else { continue }
      files[file] = .merging
      return .merge(file: file, parts: parts.first, isStopped: !isWhole)
    }
    guard !isStopped else { return nil }
    for file in files.indices {
      if case .wanted = files[file] {
        files[file] = .atWork
        return .whole(file: file)
      }
      guard case .inParts(var parts) = files[file], let part = parts.next else { continue }
      parts.open.insert(part)
      files[file] = .inParts(parts)
      return .part(file: file, part: part)
    }
    return begin()
  }

  private mutating func begin() -> Work? {
    let untouched = files.indices.filter { if case .untouched = files[$0] { true } else { false } }
    guard let file = untouched.first else { return nil }
    let isCut = untouched.count < workers && canBeCut[file]
    files[file] = isCut ? .planning : .atWork
    return isCut ? .plan(file: file) : .whole(file: file)
  }

  /// A file can be cut into so many parts; fewer than two mean that it is looked at in one go.
  public mutating func plan(_ file: Int, parts: Int) {
    guard case .planning = files[file] else { return }
    files[file] = parts > 1 ? .inParts(Parts(count: parts)) : .wanted
  }

  /// A part is answered, or was stopped before its end.
  public mutating func answer(_ file: Int, part: Int, isStopped: Bool = false) {
    guard case .inParts(var parts) = files[file] else { return }
    parts.open.remove(part)
    if isStopped { parts.stopped.insert(part) } else { parts.answered.insert(part) }
    files[file] = .inParts(parts)
  }

  /// A file cannot be looked at in parts after all.
  public mutating func doubt(_ file: Int) {
    guard case .inParts = files[file] else { return }
    files[file] = .wanted
  }

  /// A file is done, or has failed for good.
  public mutating func end(_ file: Int) { files[file] = .over }

  /// Nothing new is begun.
  public mutating func stop() { isStopped = true }

  /// The file waits for what comes of this; not so where a part of it was in doubt, or has failed.
  public func needs(_ work: Work) -> Bool {
    switch (work, files[work.file]) {
    case (.part, .inParts), (.plan, .planning), (.whole, .atWork), (.merge, .merging): true
    default: false
    }
  }

  public func isOver(_ file: Int) -> Bool { if case .over = files[file] { true } else { false } }
}
