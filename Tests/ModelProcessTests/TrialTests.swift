import Base
import CProcess
import Glibc
import Inference
import Loading
import ModelHub
import TestKit
import Testing

@testable import ModelProcess

@Suite("Networks that are tried in a process of their own")
struct TrialTests {
  let lab = Lab()

  @Test("What passes leaves the compiled network, which is then taken and not compiled again")
  func passes() throws {
    let version = try lab.sum()
    let order = lab.order(version)
    let need = try ModelTrials(Lab.options()).run(order, Cancellation())
    #expect(need.bytes > 0 && need.loadingBytes >= need.bytes && need.loadingBytes < 4 << 30, "\(need)")
    #expect(try #require(need.seconds) < 10)
    let engine = try Engine(cacheFolder: order.cache)
    let model = try VersionModel(version, store: order.store, on: engine)
    #expect(try model.compile(order.options, on: engine).network.isFromCache)
  }

  @Test("What cannot be loaded is refused in its own words")
  func refuses() throws {
    let version = try lab.version("bad") { path in try FileSystem.write(Array("no network".utf8), to: path + ".onnx") }
    let found = fault { () throws(Fault) in try ModelTrials(Lab.options()).run(lab.order(version), Cancellation()) }
    #expect(found?.message.contains("not a network file of a known format") == true, "\(found as Any)")
  }

  @Test("What does not end is given up at its deadline")
  func hangs() throws {
    let version = try lab.version("slow") { try SlowNetwork.write(to: $0, products: 500) }
    let began = Clock.now
    let trials = ModelTrials(Lab.options { $0.seconds = 2 })
    let found = fault { () throws(Fault) in try trials.run(lab.order(version), Cancellation()) }
    #expect(
      found?.kind == .unavailable && found?.message.contains("did not finish within 2 s") == true, "\(found as Any)")
    #expect(Clock.now - began < 20_000_000_000)
  }

  @Test(
    "A crash is told with its name",
    arguments: [("SEGV", "Segmentation fault"), ("ILL", "Illegal instruction"), ("ABRT", "Aborted")])
  func crashes(_ signal: String, _ name: String) throws {
    let order = lab.order(try lab.sum())
    let trials = ModelTrials(Lab.shell("kill -\(signal) $$"))
    let found = fault { () throws(Fault) in try trials.run(order, Cancellation()) }
    #expect(found?.kind == .unsupported && found?.message.contains("crashed it (\(name))") == true, "\(found as Any)")
  }

  @Test("What does not survive being compared is tried again, and in the end loaded without")
  func compared() throws {
    let (order, count) = (lab.order(try lab.sum()), lab.folder.file("count"))
    // Says 7, that it compares from now on, and then 1, that it passed, and took nothing.
    let trials = { (crashes: Int) in
      let words = """
        import os, socket
        channel = socket.socket(fileno=3)
        channel.recv(65536)
        with open('\(count)', 'a') as file: file.write('x')
        channel.send(bytes([7]))
        if os.path.getsize('\(count)') <= \(crashes): os.abort()
        channel.send(bytes([1] + 17 * [0]))
        """
      return ModelTrials(Lab.options { ($0.program, $0.arguments) = ("/usr/bin/python3", ["-c", words]) })
    }
    try trials(2).run(order, Cancellation())
    try FileSystem.remove(count)
    let found = fault { () throws(Fault) in try trials(3).run(order, Cancellation()) }
    #expect(found?.message.contains("crashed it (Aborted)") == true, "\(found as Any)")
    #expect(try FileSystem.read(count).count == 3, "three times, and no more")
  }

  @Test("One that is killed from outside, or leaves without a word, is not the network's fault")
  func outside() throws {
    let order = lab.order(try lab.sum())
    for words in ["kill -KILL $$", "exit 3"] {
      let found = fault { () throws(Fault) in try ModelTrials(Lab.shell(words)).run(order, Cancellation()) }
      #expect(found?.kind == .unavailable, "\(found as Any)")
    }
  }

  @Test("A network that asks for more memory than it may have is refused, and no other process notices")
  func greedy() throws {
    let version = try lab.version("slow") { try SlowNetwork.write(to: $0) }
    let trials = ModelTrials(Lab.options { $0.memory = 16 << 20 })
    #expect(fault { () throws(Fault) in try trials.run(lab.order(version), Cancellation()) } != nil)
  }

  @Test("One that hangs holds one place, and those that wait for theirs can be given up")
  func places() throws {
    let order = lab.order(try lab.sum())
    let trials = ModelTrials(
      Lab.options { options in
        (options.program, options.arguments, options.parallel) = ("/bin/sleep", ["60"], 1)
      })
    let (first, second) = (Cancellation(), Cancellation())
    let ended = Monitor<[Fault?]>([])
    for cancellation in [first, second] {
      NativeThread {
        let found = fault { () throws(Fault) in try trials.run(order, cancellation) }
        ended.update { $0.append(found) }
      }.leave()
    }
    usleep(100_000)
    #expect(ended.update { $0 }.isEmpty)
    let began = Clock.now
    first.cancel()
    second.cancel()
    try ended.wait(for: "both trials to end") { $0.count == 2 ? () : nil }
    #expect(ended.update { $0 }.allSatisfy { $0?.kind == .closed })
    #expect(Clock.now - began < 10_000_000_000)
  }

  @Test("The mark of a trial is good for the same files, options and engine alone")
  func mark() throws {
    let version = try lab.sum()
    let cache = lab.folder.file("cache")
    let engine = try Engine(cacheFolder: cache)
    func mark(batch: Int?, engine choice: EngineChoice? = nil) throws -> TrialMark {
      let identity = try VersionIdentity(version, store: lab.folder.file("store"), on: engine)
      var options = LoadOptions()
      (options.batch, options.engine) = (batch, choice)
      return identity.trialMark(identity.options(options, by: nil), on: engine)
    }
    #expect(try !mark(batch: nil).isThere)
    try mark(batch: nil).leave()
    #expect(try mark(batch: nil).isThere && !mark(batch: 2).isThere && !mark(batch: nil, engine: .onnxruntime).isThere)
    let file = try #require(try FileSystem.list(cache).first { $0.hasSuffix(".tried") })
    let path = "\(cache)/\(file)"
    let whole = try FileSystem.read(path)
    try FileSystem.write(Array(whole.dropLast(2)), to: path)
    #expect(try !mark(batch: nil).isThere, "one that was cut off")
    let text = String(decoding: whole, as: UTF8.self)
    try FileSystem.write(Array(text.replacing("OpenVINO 2", with: "OpenVINO 1").utf8), to: path)
    #expect(try !mark(batch: nil).isThere, "another version of an engine")
    try FileSystem.write(Array(text.replacing("ridley-trial-3", with: "ridley-trial-2").utf8), to: path)
    #expect(try !mark(batch: nil).isThere, "left by a build that measured nothing")
    try FileSystem.write(whole, to: path)
    let need = NetworkNeed(bytes: 5_000_000, loadingBytes: 9_000_000, seconds: 0.25)
    try mark(batch: nil).leave(need)
    #expect(try mark(batch: nil).isThere && mark(batch: nil).need == need)
    try FileSystem.write(Array(try FileSystem.read(path).dropLast(2)), to: path)
    #expect(try mark(batch: nil).isThere && mark(batch: nil).need == nil, "what it took was cut off")
    try FileSystem.write([0], to: version.path + "/model.bin")
    #expect(try !mark(batch: nil).isThere, "other weights")
  }

  /// Landlock 6 and later; earlier ones close less.
  @Test(
    "It changes no file outside the cache and signals nobody, and reads what it needs", .enabled(if: Self.landlock >= 6)
  )
  func sandbox() throws {
    let doors = try ModelTrials(Lab.options()).openDoors(lab.order(try lab.sum()))
    for door in ["make a file", "signal its parent"] { #expect(!doors.contains(door), "\(doors)") }
    #expect(doors.contains("open a file"))
  }

  private static let landlock = ridley_landlock_version()
}
