import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("Trouble in a media process")
struct TroubleTests {
  /// What a call says when it fails.
  private func fault(_ body: () throws(Fault) -> Void) -> Fault? {
    do throws(Fault) { try body() } catch { return error }
    return nil
  }

  /// The pool still gives what it should.
  private func expectWorking(_ pool: MediaPool) throws {
    try Lab.compare(try Lab.film("picture.jpg"), .all, in: pool)
    #expect(pool.processCount <= 1)
  }

  @Test("A crash costs the file that was open", arguments: [SIGSEGV, SIGABRT, SIGILL])
  func crash(_ signal: Int32) throws {
    let pool = Lab.pool()
    let reader = try pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon())
    let frame = try #require(try reader.next())
    kill(reader.processID, signal)
    let found = fault { () throws(Fault) in while try reader.next() != nil {} }
    #expect(found?.kind == .badInput && found?.message.contains("crashed the process") == true, "\(found as Any)")
    #expect(fault { () throws(Fault) in _ = try frame.rgb() } == found)
    #expect(fault { () throws(Fault) in _ = try reader.next() } == found)
    try expectWorking(pool)
  }

  @Test("A process that is killed from outside is not the file's fault")
  func killed() throws {
    let pool = Lab.pool()
    let reader = try pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon())
    kill(reader.processID, SIGKILL)
    #expect(fault { () throws(Fault) in _ = try reader.next() }?.kind == .unavailable)
    try expectWorking(pool)
  }

  @Test("One that dies in its sleep costs nothing")
  func sleeping() throws {
    let pool = Lab.pool()
    try expectWorking(pool)
    for id in pool.idleProcesses { Lab.end(id) }
    try expectWorking(pool)
  }

  @Test("A process that hangs is given up at the deadline")
  func hang() throws {
    let pool = Lab.pool()
    let reader = try pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon(3))
    kill(reader.processID, SIGSTOP)
    let began = Clock.now
    let found = fault { () throws(Fault) in _ = try reader.next() }
    #expect(found?.kind == .exhausted && found?.message.contains("time") == true, "\(found as Any)")
    #expect(Double(Clock.now - began) / 1e9 < 20)
    try expectWorking(pool)
  }

  @Test("A picture that wants more memory than it may have is a fault")
  func greed() throws {
    let pool = Lab.pool { $0.memory = 100 << 20 }
    let bytes = try Lab.bytes(try Lab.film("giant.png"))
    let found = fault { () throws(Fault) in
      let reader = try pool.open(bytes, deadline: Lab.soon())
      _ = try reader.next()?.rgb()
    }
    #expect(found != nil && found?.kind != .bug, "\(found as Any)")
    try expectWorking(pool)
    let roomy = Lab.pool()
    #expect(try roomy.open(bytes, deadline: Lab.soon()).next()?.rgb().count == 6000 * 5000 * 3)
  }

  @Test("Another thread gives it up at once, at work or not", arguments: [true, false])
  func cancel(_ isAtWork: Bool) throws {
    let pool = Lab.pool()
    var begun: (@Sendable () -> Void)?
    let reader = try pool.open(try Lab.bytes(try Lab.film("h264.mp4")), deadline: Lab.soon()) { begun = $0 }
    let (cancel, id) = (try #require(begun), reader.processID)
    if isAtWork { kill(id, SIGSTOP) } else { cancel() }
    let other = NativeThread {
      usleep(100_000)
      cancel()
    }
    #expect(fault { () throws(Fault) in _ = try reader.next() }?.kind == .closed)
    other.join()
    #expect(fault { () throws(Fault) in _ = try reader.next() }?.kind == .closed)
    reader.close()
    try expectWorking(pool)
    #expect((pool.idleProcesses == [id]) == !isAtWork)
  }

  @Test("A program that is not there, or does not start, is a fault")
  func noProgram() {
    for program in ["/nowhere/ridley", "/bin/false"] {
      let pool = Lab.pool { $0.program = program }
      for _ in 0..<3 {
        let found = fault { () throws(Fault) in _ = try pool.open(SharedBytes([1, 2, 3]), deadline: Lab.soon(20)) }
        #expect(found?.kind == .unavailable, "\(found as Any)")
      }
    }
  }

  @Test("Shared memory that is full is a fault, and comes free again")
  func fullMemory() throws {
    let pool = Lab.pool { $0.sharedByteCount = 1 << 20 }
    let reader = try pool.open(try Lab.bytes(try Lab.film("picture.jpg")), deadline: Lab.soon())
    var buffers = [try reader.makeBuffer(byteCount: 600 << 10)]
    #expect(fault { () throws(Fault) in _ = try reader.makeBuffer(byteCount: 600 << 10) }?.kind == .tooLarge)
    buffers.removeAll()
    _ = try reader.makeBuffer(byteCount: 1 << 20)
  }

  @Test("The command says what it is for when a person calls it")
  func byHand() {
    let result = Program.run(["media-process"])
    #expect(result.status == 2 && result.errors.contains("is for ridley itself"), "\(result)")
  }
}
