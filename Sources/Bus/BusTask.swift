internal import Base

/// A task as it is added: what a worker needs to find its work, and how it is to be lent.
public struct BusTask: Sendable, Hashable {
  /// Says which work it is, within its group.
  public var key: String
  /// Takes turns with other queues.
  public var queue: String
  /// What is held, counted, retried and removed together.
  public var group: String
  /// 0 to 9; higher is sooner.
  public var priority: Int
  /// What the work is, by reference; at most ``BusLimits/payloadByteCount`` bytes.
  public var payload: [UInt8]
  /// Attempts before it is set aside; 1 to ``BusLimits/attempts``.
  public var mostAttempts: Int

  public init(key: String, queue: String, group: String, priority: Int = 5, payload: [UInt8], mostAttempts: Int = 3) {
    (self.key, self.queue, self.group) = (key, queue, group)
    (self.priority, self.payload, self.mostAttempts) = (priority, payload, mostAttempts)
  }

  func check() throws(Fault) {
    try BusLimits.check(key, "a task's key")
    try BusLimits.check(queue, "a queue's name")
    try BusLimits.check(group, "a group's name")
    func refuse(_ what: String) -> Fault { Fault(.badInput, "the task \(key): \(what)") }
    guard (0...9).contains(priority) else { throw refuse("its priority is \(priority): 0 to 9") }
    guard (1...BusLimits.attempts).contains(mostAttempts) else {
      throw refuse("\(mostAttempts) attempts: 1 to \(BusLimits.attempts)")
    }
    guard payload.count <= BusLimits.payloadByteCount else {
      throw refuse("\(payload.count) bytes: at most \(BusLimits.payloadByteCount), keep larger things elsewhere")
    }
  }
}

extension BusTask {
  /// Its group lies in another queue.
  func liesElsewhere(_ queue: String) -> Fault {
    Fault(
      .badInput,
      "the task \(key) of the queue \(self.queue): its group \(group) lies in the queue \(queue), choose another group")
  }
}

/// What every engine keeps to.
public enum BusLimits {
  /// Bytes of a key, a queue, a group or a worker's name.
  public static let nameByteCount = 256
  public static let payloadByteCount = 4096
  public static let batchCount = 1000
  public static let pageCount = 1000
  public static let attempts = 100
  /// Turns that one task may be worth.
  public static let turns = 1_000_000
  /// Bytes of a reason that are kept.
  public static let reasonByteCount = 1024
  /// Attempts of a task of which the reason is kept: the last ones, where it was retried so often that there are more.
  public static let reasons = 100
  public static let longestLease = Duration.seconds(24 * 3600)
  public static let longestDelay = Duration.seconds(7 * 24 * 3600)

  static func check(_ name: String, _ what: String) throws(Fault) {
    guard (1...nameByteCount).contains(name.utf8.count) else {
      throw Fault(.badInput, "\(what) of \(name.utf8.count) bytes: it has 1 to \(nameByteCount)")
    }
  }

  static func check(lease: Duration) throws(Fault) {
    guard lease > .zero, lease <= longestLease else {
      throw Fault(.badInput, "a lease of \(lease): it is longer than none, and at most \(longestLease)")
    }
  }

  static func check(delay: Duration) throws(Fault) {
    guard delay >= .zero, delay <= longestDelay else {
      throw Fault(.badInput, "a delay of \(delay): it is none, or at most \(longestDelay)")
    }
  }

  static func check(page limit: Int) throws(Fault) {
    guard (1...pageCount).contains(limit) else {
      throw Fault(.badInput, "a page of \(limit) tasks: it has 1 to \(pageCount)")
    }
  }

  /// The number behind which a page of tasks begins that are set aside.
  static func start(after token: String?) throws(Fault) -> Int {
    guard let token else { return 0 }
    guard let number = Int(token), number > 0 else {
      throw Fault(.badInput, "'\(token.prefix(40))' is no token of a page of tasks")
    }
    return number
  }
}

/// The right to a task until a lease ends; a later claim of the same task makes it void.
public struct Claim: Sendable, Hashable {
  public let group: String
  public let key: String
  /// Beginning at 1; attempts go on where a task that was set aside is retried.
  public let attempt: Int
  /// The engine's own: no two claims have the same.
  public let fence: String

  public init(group: String, key: String, attempt: Int, fence: String) {
    (self.group, self.key, self.attempt, self.fence) = (group, key, attempt, fence)
  }
}

public struct ClaimedTask: Sendable, Hashable {
  public let task: BusTask
  public let claim: Claim
  /// Another failure sets the task aside.
  public let isLastAttempt: Bool

  public init(task: BusTask, claim: Claim, isLastAttempt: Bool) {
    (self.task, self.claim, self.isLastAttempt) = (task, claim, isLastAttempt)
  }
}

/// What a claim was worth when it was used.
public enum Standing: Sendable, Hashable {
  /// It held, and what was asked was done.
  case held
  /// The task was taken back, given to another, done or removed meanwhile: nothing was changed.
  case lost
}

/// Why an attempt failed.
public struct Failure: Sendable, Hashable {
  /// For a person; of longer ones ``BusLimits/reasonByteCount`` bytes are kept.
  public var reason: String
  /// Another attempt may do better.
  public var isRetryable: Bool
  /// How long the next attempt waits, at least.
  public var delay: Duration

  public init(_ reason: String, isRetryable: Bool, delay: Duration = .zero) {
    (self.reason, self.isRetryable, self.delay) = (reason, isRetryable, delay)
  }
}

/// What became of a task that failed.
public enum Failing: Sendable, Hashable {
  case again
  case setAside
  /// The claim held no longer: nothing was changed.
  case lost
}

/// How many tasks of a group or a queue are in which state.
public struct BusCounts: Sendable, Hashable {
  /// May be had.
  public var waiting = 0
  /// Would wait, but their group is held.
  public var held = 0
  public var leased = 0
  public var delayed = 0
  public var setAside = 0
  public var done = 0

  public init() {}
}

/// An attempt that ended without success.
public struct FailedAttempt: Sendable, Hashable {
  public let attempt: Int
  public let worker: String
  /// Seconds since 1970, by the clock on the wall.
  public let date: Int
  public let reason: String

  public init(attempt: Int, worker: String, date: Int, reason: String) {
    (self.attempt, self.worker, self.date, self.reason) = (attempt, worker, date, reason)
  }
}

public struct SetAsideTask: Sendable, Hashable {
  public let task: BusTask
  /// The first attempt first.
  public let failures: [FailedAttempt]

  public init(task: BusTask, failures: [FailedAttempt]) { (self.task, self.failures) = (task, failures) }
}

public struct SetAsidePage: Sendable, Hashable {
  public let tasks: [SetAsideTask]
  /// For the next page; `nil` behind the last.
  public let next: String?

  public init(tasks: [SetAsideTask], next: String?) { (self.tasks, self.next) = (tasks, next) }
}

extension String {
  /// As much as is kept of a reason.
  var shortened: String {
    guard utf8.count > BusLimits.reasonByteCount else { return self }
    var end = utf8.index(utf8.startIndex, offsetBy: BusLimits.reasonByteCount)
    while unicodeScalars.startIndex < end, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
