import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("Media processes stand back once they work long")
struct PriorityTests {
  /// The threads of a process, the first one first: once the system's numbers begin anew, later ones may have smaller numbers.
  private func threads(of process: Int32) throws -> [Int] {
    let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").compactMap { Int($0) }
    return all.filter { $0 == process } + all.filter { $0 != process }.sorted()
  }

  /// How far each of them stands back, but for those that ended since they were listed.
  private func niceness(of process: Int32) throws -> [Int] {
    var found: [Int] = []
    for thread in try threads(of: process) {
      let path = "/proc/\(process)/task/\(thread)/stat"
      guard let stat = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
      // Behind the name, which may hold anything: field 3 is the first, the niceness is field 19.
      let fields = stat[stat.range(of: ") ", options: .backwards)!.upperBound...].split(separator: " ")
      found.append(try #require(Int(fields[16])))
    }
    return found
  }

  @Test("A small picture does not, a large one and a film do, and what comes after them does not again")
  func turns() throws {
    let usual = try niceness(of: getpid())[0]
    guard usual < 10 else {
      return print("skipped: the tests themselves stand back by \(usual), so nothing is to be seen")
    }
    let pool = Lab.pool()
    for (name, isBack) in [
      ("picture.jpg", false), ("giant.png", true), ("picture.png", false), ("h264.mp4", true), ("picture.jpg", false),
    ] {
      let reader = try pool.open(try Lab.bytes(try Lab.film(name)), deadline: Lab.soon())
      _ = try reader.next()?.rgb()
      let found = try niceness(of: reader.processID)
      // The first thread only waits for the second, which decodes, and for a film starts others.
      #expect(found.count > 1 && found[0] == usual, "\(name): \(found)")
      #expect(found.dropFirst().allSatisfy { $0 == (isBack ? 10 : usual) }, "\(name): \(found)")
    }
  }

  @Test("Pictures after each other have one thread, and what stepped back has none after it")
  func kept() throws {
    guard try niceness(of: getpid())[0] < 10 else { return print("skipped: the tests themselves stand back") }
    let pool = Lab.pool()
    var threads: [[Int]] = []
    for name in ["picture.jpg", "picture.png", "h264.mp4", "picture.jpg"] {
      let reader = try pool.open(try Lab.bytes(try Lab.film(name)), deadline: Lab.soon())
      _ = try reader.next()?.rgb()
      threads.append(try self.threads(of: reader.processID))
    }
    #expect(threads[0] == threads[1] && threads[0].count == 2, "\(threads)")
    #expect(threads[2].contains(threads[0][1]) && !threads[3].contains(threads[0][1]), "\(threads)")
  }
}
