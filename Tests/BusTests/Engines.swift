import Base
import Bus
import Foundation
import TestKit

/// The engines that the suite is held against; another one is another case.
enum Engine: CaseIterable, Sendable {
  case sqlite, redis, postgresql

  /// All that have a server here, or the one that `RIDLEY_BUS_ENGINE` names.
  static let allCases: [Engine] = {
    let all: [Engine] =
      [.sqlite] + (RedisServer.isThere ? [.redis] : []) + (PostgreSQLServer.isInstalled ? [.postgresql] : [])
    guard let name = ProcessInfo.processInfo.environment["RIDLEY_BUS_ENGINE"] else { return all }
    return all.filter { "\($0)" == name }
  }()

  /// Buses of one folder are one bus.
  func open(_ folder: TemporaryFolder, _ clock: ToldClock) throws -> any Bus {
    switch self {
    case .sqlite:
      var settings = SQLiteBus.Settings()
      settings.isDurable = false
      return try SQLiteBus(folder.file("library.db"), settings: settings, clock: clock.clock)
    case .redis:
      return try RedisBus(try RedisServer.shared.get().address(for: folder), clock: clock.clock)
    case .postgresql:
      return try PostgreSQLServer.shared.get().bus(for: folder, clock.clock)
    }
  }

  /// Leases are by the clock of the workers' machine, and end with it.
  var isOfOneMachine: Bool { self == .sqlite }

  var clock: ToldClock { ToldClock(isOfServer: !isOfOneMachine) }
}

extension RedisServer {
  /// A bus of its own for a folder.
  func address(for folder: TemporaryFolder, _ more: String = "") -> String {
    "\(address)/?prefix=\(folder.path.split(separator: "/").last!)\(more)"
  }
}

extension PostgreSQLServer {
  /// A bus of its own for a folder.
  func bus(
    for folder: TemporaryFolder, _ clock: BusClock? = nil, _ change: (inout PostgreSQLBus.Settings) -> Void = { _ in }
  ) throws -> PostgreSQLBus {
    var settings = PostgreSQLBus.Settings()
    settings.schemaName = Self.schema(of: folder)
    change(&settings)
    return try PostgreSQLBus(address(), settings: settings, clock: clock)
  }

  static func schema(of folder: TemporaryFolder) -> String {
    "bus_of_" + folder.path.split(separator: "/").last!.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}

/// A clock that goes as it is told.
final class ToldClock: Sendable {
  private struct Time {
    var now = 1_000_000_000
    var boot = 1
    var date = 1_700_000_000
  }

  private let time = Monitor(Time())
  /// That of a server goes on when a worker's machine starts anew.
  private let isOfServer: Bool

  init(isOfServer: Bool = false) { self.isOfServer = isOfServer }

  var now: Int { time.update { $0.now } }
  var boot: Int { time.update { $0.boot } }
  var date: Int { time.update { $0.date } }

  func advance(_ duration: Duration) { time.update { $0.now += Int(duration / .nanoseconds(1)) } }

  /// What a user does to the clock on the wall.
  func set(date: Int) { time.update { $0.date = date } }

  /// The machine is started anew: its time begins again.
  func reboot() {
    guard !isOfServer else { return }
    time.update { time in
      time.boot += 1
      time.now = 5_000_000_000
    }
  }

  var clock: BusClock {
    BusClock(now: { self.now }, boot: { () throws(Fault) in "boot \(self.boot)" }, date: { self.date })
  }
}

func task(
  _ key: String, queue: String = "acme", group: String = "job", priority: Int = 5, most: Int = 3,
  _ payload: String = "p"
) -> BusTask {
  BusTask(
    key: key, queue: queue, group: group, priority: priority, payload: Array(payload.utf8), mostAttempts: most)
}

/// The kind of the fault that something ends with, `nil` where it ends well.
func kind(_ body: () throws -> Void) -> Fault.Kind? {
  do { try body() } catch { return (error as? Fault)?.kind }
  return nil
}
