public import Base

/// What a place where tasks run allows each of them.
public struct TaskProfile: Sendable, Hashable {
  public var name: String
  /// Who gives the memory and the disk, as sentences say it; the profile itself unless a place allows less.
  private var (memoryPlace, diskPlace): (String?, String?)
  /// Seconds by the clock that a task may take; `nil` where nothing limits them.
  public var seconds: Double?
  public var memoryBytes: Int?
  /// For temporary files.
  public var diskBytes: Int?
  /// Cores of a task; below one it has a part of one.
  public var cores: Double
  /// A task copies the video to its disk, where others read it in place.
  public var copiesObjects: Bool
  /// Each task loads its networks, where other workers keep them from task to task.
  public var loadsEachTask: Bool
  /// CPU seconds that a task is made for.
  public var target: Double

  public init(
    name: String, seconds: Double? = nil, memoryBytes: Int? = nil, diskBytes: Int? = nil, cores: Double = 1,
    copiesObjects: Bool = false, loadsEachTask: Bool = false, target: Double = 15
  ) {
    (self.name, self.seconds, self.memoryBytes, self.diskBytes) = (name, seconds, memoryBytes, diskBytes)
    (self.cores, self.copiesObjects, self.loadsEachTask, self.target) = (cores, copiesObjects, loadsEachTask, target)
    precondition(cores > 0 && target > 0, "a task has something to run on, and something to do")
  }

  /// The machine itself: no limits but its own, objects read where they lie.
  public static let local = TaskProfile(name: "local")
  /// AWS Lambda: 15 minutes, and 10,240 MB of memory and of disk at the most, which come with 6 cores.
  public static let lambda = TaskProfile(
    name: "lambda", seconds: 900, memoryBytes: 10_240 << 20, diskBytes: 10_240 << 20, cores: 5.79, copiesObjects: true,
    loadsEachTask: true, target: 120)
  /// A small computer beside a camera.
  public static let edge = TaskProfile(
    name: "edge", memoryBytes: 512 << 20, diskBytes: 2 << 30, cores: 1, copiesObjects: true, target: 60)

  public static let known = [local, lambda, edge]

  /// Lambda with less than the most; each 1,769 MB come with a core (AWS Lambda, "Configure function memory").
  public static func lambda(memoryBytes: Int, diskBytes: Int) -> TaskProfile {
    var profile = TaskProfile.lambda
    (profile.memoryBytes, profile.diskBytes) = (memoryBytes, diskBytes)
    profile.cores = (Double(memoryBytes) / Double(1769 << 20) * 100).rounded() / 100
    return profile
  }

  /// Of the time that is allowed, so much is planned with: estimates err, and no two machines are alike.
  public static let plannedShare = 0.5

  /// CPU seconds that are planned for a task at most; a task works on one core, or on a part of one.
  public var mostCPUSeconds: Double { (seconds ?? .infinity) * min(1, cores) * Self.plannedShare }
}

/// What holds a task to its profile.
extension TaskProfile {
  /// Beside private memory a task has the process that watches it, and its own stacks, tables of pages and code.
  private static let otherBytes = 64 << 20

  /// Private memory that the process of a task may have, so that all of the task stays within the profile's.
  public var privateBytes: Int? { memoryBytes.map { max($0 / 2, $0 - Self.otherBytes) } }

  /// What a task failed of, for one that keeps this profile: memory that was not there will not be there another time.
  public func verdict(on fault: Fault) -> Fault {
    guard fault.isLackOfMemory, let memoryBytes else { return fault }
    return Fault(
      .tooLarge,
      "\(fault.message), and \(memoryOwner) has \(Units.text(bytes: memoryBytes)): \(Self.moreMemory)",
      cause: fault.cause)
  }

  /// Whose disk it is, and how much, for a sentence that refuses more.
  public var diskReason: String {
    "\(diskOwner) has \(diskBytes.map { Units.text(bytes: $0) } ?? "any number of bytes")"
  }

  /// What may have ended a process under this profile, as the end of a sentence; nothing where it does not limit memory.
  public var memoryWords: String {
    memoryBytes.map { "; \(memoryOwner) has \(Units.text(bytes: $0)) of memory" } ?? ""
  }

  private var memoryOwner: String { memoryPlace ?? "the profile '\(name)'" }
  private var diskOwner: String { diskPlace ?? "the profile '\(name)'" }

  /// The same where the place at which tasks run has less, such as a function of so much memory; `place` names it: `the function`.
  public func within(memoryBytes memory: Int?, diskBytes disk: Int?, of place: String) -> TaskProfile {
    var profile = self
    if let memory, memory < memoryBytes ?? .max { (profile.memoryBytes, profile.memoryPlace) = (memory, place) }
    if let disk, disk < diskBytes ?? .max { (profile.diskBytes, profile.diskPlace) = (disk, place) }
    return profile
  }

  private static let moreMemory =
    "take a profile with more memory, a smaller network, or a smaller rendition of the video"
}

/// What one task is expected to need.
public struct TaskNeed: Sendable, Hashable {
  public var memoryBytes: Int
  public var diskBytes: Int

  public init(memoryBytes: Int, diskBytes: Int) { (self.memoryBytes, self.diskBytes) = (memoryBytes, diskBytes) }
}

extension TaskProfile {
  /// Refuses what does not fit; faults are `tooLarge` and name the way out.
  public func check(_ need: TaskNeed) throws(Fault) {
    if let most = memoryBytes, need.memoryBytes > most {
      throw Self.refusal("of memory", need.memoryBytes, most, memoryOwner, Self.moreMemory)
    }
    if let most = diskBytes, need.diskBytes > most {
      let advice = "take a profile with more disk, or one that reads the video where it lies"
      throw Self.refusal("of temporary disk", need.diskBytes, most, diskOwner, advice)
    }
  }

  private static func refusal(
    _ what: String, _ bytes: Int, _ most: Int, _ owner: String, _ advice: String
  ) -> Fault {
    Fault(
      .tooLarge,
      "a task needs about \(Units.text(bytes: bytes)) \(what), and \(owner) has \(Units.text(bytes: most)): \(advice)"
    )
  }
}
