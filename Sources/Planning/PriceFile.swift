public import Base

/// What one kind of machine, or one service, costs.
public struct MachinePrice: Sendable, Hashable {
  public var name: String
  /// For people.
  public var about = ""
  /// Money for an hour of the whole machine, busy or not.
  public var hour = 0.0
  /// Cores that an hour pays for.
  public var cores = 1.0
  /// Money for a second that a task or an image takes by the clock.
  public var second = 0.0
  public var cpuSecond = 0.0
  /// Money for a second of each GB (10⁹ bytes) of memory that is set aside.
  public var gbSecond = 0.0
  public var request = 0.0
  /// Seconds that are begun count in full, in steps of so many; 0 counts exactly.
  public var step = 0.0

  public init(name: String) { self.name = name }

  /// Seconds as they are paid for.
  public func billed(_ seconds: Double) -> Double {
    // What is a whole number of steps but for rounding is one.
    step > 0 ? (seconds / step - 1e-9).rounded(.up) * step : seconds
  }
}

extension MachinePrice {
  /// Money for what is estimated, on a machine that is never idle; tasks are taken as equally long.
  public func money(for estimate: Estimate, _ profile: TaskProfile) -> Double {
    let tasks = Double(max(1, estimate.tasks))
    let clock = billed(estimate.cpuSeconds / min(1, profile.cores) / tasks) * tasks
    let memory = Double(profile.memoryBytes ?? estimate.memoryBytes) / 1e9
    return estimate.cpuSeconds / cores / 3600 * hour + estimate.cpuSeconds * cpuSecond + clock * second
      + clock * memory * gbSecond + tasks * request
  }
}

/// Prices as a person keeps them in a YAML file, with comparisons that the file asks for.
public struct PriceFile: Sendable, Hashable {
  /// The unit of money: `USD`.
  public var currency: String
  public var machines: [MachinePrice]
  public var comparisons: [ImageCost]
  /// Profiles beside those that are built in.
  public var profiles: [TaskProfile]

  /// A machine by its name; `notFound` names those that there are.
  public func machine(_ name: String) throws(Fault) -> MachinePrice {
    if let machine = machines.first(where: { $0.name == name }) { return machine }
    let known = machines.map(\.name)
    let hint = Suggestion.hint(for: name, among: known)
    throw Fault(
      .notFound, "there is no machine '\(name)' in the price file\(hint), expected \(known.joined(separator: ", "))")
  }

  /// A profile of this file, or one that is built in.
  public func profile(_ name: String) throws(Fault) -> TaskProfile { try TaskProfile.named(name, among: profiles) }
}

extension TaskProfile {
  /// A profile by its name, of those given or built in.
  public static func named(_ name: String, among others: [TaskProfile] = []) throws(Fault) -> TaskProfile {
    let all = others + known
    if let profile = all.first(where: { $0.name == name }) { return profile }
    let names = all.map(\.name)
    let hint = Suggestion.hint(for: name, among: names)
    throw Fault(.notFound, "there is no profile '\(name)'\(hint), expected \(names.joined(separator: ", "))")
  }
}

/// What one image costs on one machine, where so many seconds are measured or told of it.
public struct ImageCost: Sendable, Hashable {
  /// What is done to the image; only what does the same is compared.
  public var work: String
  /// How the machine is called.
  public var what: String
  public var machine: MachinePrice
  /// By the clock, the machine having nothing else to do.
  public var seconds: Double
  /// How many images it works on at the same time.
  public var atOnce = 1.0

  public init(_ work: String, on what: String, machine: MachinePrice, seconds: Double) {
    (self.work, self.what, self.machine, self.seconds) = (work, what, machine, seconds)
  }

  /// Money for one image; what is paid by the hour is busy for this share of it.
  public func money(utilisation: Double = 1) -> Double {
    let byHour = machine.hour / 3600 * seconds / atOnce / utilisation
    return byHour + machine.billed(seconds) * machine.second + seconds * machine.cpuSecond + machine.request
  }

  /// The share of the time that a machine paid by the hour must be busy to be cheaper than another; above 1 it never is.
  public func breakEven(with other: ImageCost) -> Double { money() / other.money() }
}
