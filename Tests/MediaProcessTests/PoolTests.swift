import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("A pool of media processes")
struct PoolTests {
  @Test("Eight threads share two processes")
  func shared() throws {
    let pool = Lab.pool(2)
    let bytes = try Lab.bytes(try Lab.film("picture.jpg"))
    let own = try #require(try MediaReader(try Lab.film("picture.jpg")).next()).rgb()
    let (ids, right) = (Said(), Said())
    let threads = (0..<8).map { _ in
      NativeThread {
        for _ in 0..<10 {
          guard let reader = try? pool.open(bytes, deadline: Lab.soon()), let frame = try? reader.next() else { return }
          ids.add("\(reader.processID)")
          if (try? frame.rgb()) == own { right.add("") }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(right.all.count == 80)
    #expect(Set(ids.all).count == 2)
  }

  @Test("Two hundred files leave no descriptor, process or thread behind")
  func leaks() throws {
    let bytes = try Lab.bytes(try Lab.film("picture.jpg"))
    _ = try Lab.pool().open(bytes, deadline: Lab.soon()).next()?.rgb()
    let before = openFiles(of: getpid())
    do {
      let pool = Lab.pool(2) { $0.jobs = 30 }
      var inside: [Int] = []
      for job in 0..<210 {
        let reader = try pool.open(bytes, deadline: Lab.soon())
        _ = try reader.next()?.rgb()
        if job % 10 == 9 { inside.append(openFiles(of: reader.processID)) }
        if job % 50 == 7 { Lab.end(reader.processID) }
      }
      #expect(pool.processCount <= 2)
      #expect(Set(inside).count == 1, "descriptors of the processes: \(inside)")
    }
    // Other tests run at the same time and open files of their own, but not one for each of these.
    #expect(openFiles(of: getpid()) < before + 100, "descriptors of this process")
  }

  private func openFiles(of process: Int32) -> Int { (try? FileSystem.list("/proc/\(process)/fd").count) ?? -1 }

  @Test("A pool ends its processes")
  func ends() throws {
    let bytes = try Lab.bytes(try Lab.film("picture.jpg"))
    var pool: MediaPool? = Lab.pool()
    let id = try pool!.open(bytes, deadline: Lab.soon()).processID
    #expect(kill(id, 0) == 0)
    pool = nil
    #expect(kill(id, 0) == -1)
  }

  @Test("A process that waits for work uses no processor")
  func idle() throws {
    let pool = Lab.pool()
    let id: Int32
    do {
      let reader = try pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon())
      id = reader.processID
      while try reader.next() != nil {}
    }
    usleep(300_000)
    let before = switches(of: id)
    usleep(700_000)
    #expect(before > 0 && switches(of: id) == before)
  }

  /// How often it was given a processor.
  private func switches(of process: Int32) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let lines = status.split(separator: "\n").filter { $0.contains("ctxt_switches") }
    return lines.compactMap { Int($0.split(separator: "\t").last ?? "") }.reduce(0, +)
  }

  @Test("Where all are busy callers wait until their deadline, and are refused where too many wait")
  func busy() throws {
    let pool = Lab.pool { $0.waiting = 1 }
    let bytes = try Lab.bytes(try Lab.film("picture.jpg"))
    let reader = try pool.open(bytes, deadline: Lab.soon())
    let waiter = NativeThread { _ = try? pool.open(bytes, deadline: Lab.soon(1.5)) }
    usleep(300_000)
    let message = { (seconds: Double) -> String in
      do throws(Fault) { _ = try pool.open(bytes, deadline: Lab.soon(seconds)) } catch { return error.message }
      return ""
    }
    #expect(message(60).contains("too many pictures wait"))
    waiter.join()
    #expect(message(0.2).contains("busy"))
    reader.close()
    #expect(message(60) == "")
  }
  @Test("Decoders take half of the memory at most, and are at least two")
  func budget() {
    let wanted: [(cores: Int, gigabytes: Int, limit: Int, megabytes: Int)] = [
      (2, 16, 4, 2048), (2, 8, 4, 1024), (2, 4, 2, 1024), (2, 2, 2, 512), (2, 1, 2, 256), (16, 16, 16, 512),
      (16, 64, 32, 1024), (64, 64, 64, 512), (1, 64, 2, 2048),
    ]
    for (cores, gigabytes, limit, megabytes) in wanted {
      let options = MediaPool.Options(cores: cores, memory: gigabytes << 30)
      #expect(
        options.limit == limit && options.memory == megabytes << 20, "\(cores), \(gigabytes)")
      #expect(options.limit * options.memory <= gigabytes << 29)
    }
  }
}

@Suite("Who gets a process")
struct PoolStateTests {
  @Test("First come, first served; never more processes than the limit")
  func order() {
    for seed in 0..<50 {
      var dice = SeededRandom(UInt64(seed))
      var state = PoolState<Int>(limit: Int.random(in: 1...4, using: &dice), waitingLimit: 6)
      var (busy, waiting, served, made): ([Int], [Int], Int, Int) = ([], [], 0, 0)
      for _ in 0..<400 {
        let ticket = Bool.random(using: &dice) ? waiting.randomElement(using: &dice) : nil
        switch state.ask(ticket) {
        case .use(let process):
          #expect(ticket == nil ? waiting.isEmpty : ticket == waiting.first)
          #expect(!busy.contains(process))
          busy.append(process)
          if ticket != nil { waiting.removeFirst() }
          served += 1
        case .start:
          #expect(ticket == nil ? waiting.isEmpty : ticket == waiting.first)
          if ticket != nil { waiting.removeFirst() }
          made += 1
          if Int.random(in: 0..<4, using: &dice) == 0 { state.lose() } else { busy.append(made) }
        case .wait(let number):
          if ticket == nil { waiting.append(number) } else { #expect(number == ticket) }
        case .refuse: #expect(ticket == nil && waiting.count == 6)
        }
        switch Int.random(in: 0..<4, using: &dice) {
        case 0 where !busy.isEmpty: state.add(busy.removeLast())
        case 1 where !busy.isEmpty:
          busy.removeFirst()
          state.lose()
        case 2 where !waiting.isEmpty: state.giveUp(waiting.remove(at: Int.random(in: waiting.indices, using: &dice)))
        case 3 where state.startsSpare():
          made += 1
          state.add(made)
        default: break
        }
        #expect(state.alive <= state.limit && state.alive == busy.count + state.idle.count)
      }
      #expect(served > 0)
    }
  }
}
