import Base
import Crypto
import TestKit
import Testing
import Updates

/// A node whose power goes at every instant of an update, with all that was not synced lost.
@Suite struct CrashTests {
  private let folder = "/node/updates"
  private let programs = (1...3).map { number in (0..<3000).map { UInt8(truncatingIfNeeded: $0 * number) } }

  private func bundle(_ version: Int) -> Bundle {
    UpdateFixture.bundle(
      version, models: [UpdateFixture.model("m\(version)")],
      pipelines: [Bundle.Pipeline("people", "version: \(version)\n")],
      program: UpdateFixture.program(programs[version - 1]))
  }

  /// What an update of a node does with its disk, from wherever it was cut off.
  private func update(_ store: BundleStore, to version: Int) throws(Fault) {
    let bundle = bundle(version)
    if try store.state().highest < version {
      let (blob, bytes) = (bundle.program!.blob, programs[version - 1])
      try store.clean(keeping: [blob])
      while try store.received(of: blob) < blob.byteCount {
        let done = try store.received(of: blob)
        try store.append(Array(bytes[done..<min(done + 1000, bytes.count)]), of: blob)
      }
      if try !store.has(blob) { try store.finish(blob) }
      let key: Ed25519.PrivateKey
      do { key = try UpdateFixture.key(1) } catch { throw Fault(.bug, "no key: \(error)") }
      try store.lay(try SignedBundle(bundle, with: key), bundle)
      try store.take(version, before: [.init(model: "m\(version)", alias: "live", version: nil)])
    }
    if try !store.state().isPlaced { try store.notePlaced() }
  }

  /// The version that a start after a loss of power serves, whole; 0 is what was installed.
  private func served(_ disk: CrashDisk) throws -> Int {
    let store = try BundleStore(folder, disk: disk)
    let state = try store.begin()
    guard let version = state.serving else {
      #expect(try disk.target(ofLink: store.currentPath) == nil)
      return 0
    }
    #expect(try disk.target(ofLink: store.currentPath) == "versions/\(version)")
    let bundle = try store.bundle(version)
    #expect(bundle == self.bundle(version))
    let program = try #require(try store.program(of: state))
    #expect(try disk.digest(of: program) == bundle.program?.blob.sha256, "half a program is started")
    let text = try disk.read("\(folder)/versions/\(version)/pipelines/people.yaml")
    #expect(String(decoding: text, as: UTF8.self) == "version: \(version)\n")
    return version
  }

  /// A disk that serves version 1 for good.
  private func settled(limit: Int = .max) throws -> CrashDisk {
    let disk = CrashDisk()
    let store = try BundleStore(folder, disk: disk)
    try update(store, to: 1)
    try store.settle()
    var random = SeededRandom(1)
    return CrashDisk(after: disk, using: &random, limit: limit)
  }

  @Test func `whenever the power goes in an update, the old one or the new one starts, and goes on from there`() throws
  {
    let whole = try settled()
    let store = try BundleStore(folder, disk: whole)
    try update(store, to: 2)
    try store.settle()
    #expect(try served(whole) == 2)
    let count = whole.operations
    #expect(count > 30)
    var seen: Set<Int> = []
    for limit in 0...count {
      for seed in 0..<UInt64(3) {
        var random = SeededRandom(seed &* 1000 &+ UInt64(limit))
        let disk = try settled(limit: limit)
        do {
          let store = try BundleStore(folder, disk: disk)
          try update(store, to: 2)
          try store.settle()
        } catch { #expect(error == CrashDisk.loss, "\(error)") }
        let found = CrashDisk(after: disk, using: &random)
        let version = try served(found)
        #expect([1, 2].contains(version), "cut after \(limit) operations")
        seen.insert(version)
        // And it goes on to the end from there.
        let store = try BundleStore(folder, disk: found)
        try update(store, to: 2)
        try store.settle()
        #expect(try served(found) == 2)
      }
    }
    #expect(seen == [1, 2])
  }

  @Test func `whenever the power goes on the way back, one of both starts, and none is taken twice`() throws {
    let whole = try settled()
    try update(try BundleStore(folder, disk: whole), to: 2)
    let before = whole.operations
    try BundleStore(folder, disk: whole).goBack("it is bad")
    let count = whole.operations
    for limit in before...count {
      var random = SeededRandom(UInt64(limit))
      let disk = try settled(limit: limit)
      do {
        let store = try BundleStore(folder, disk: disk)
        try update(store, to: 2)
        try store.goBack("it is bad")
      } catch { #expect(error == CrashDisk.loss, "\(error)") }
      let found = CrashDisk(after: disk, using: &random)
      let version = try served(found)
      #expect([1, 2].contains(version))
      let store = try BundleStore(folder, disk: found)
      if version == 2 { try store.goBack("it is bad") }
      let state = try store.state()
      #expect(state.serving == 1 && state.highest == 2 && state.failure?.version == 2)
      #expect(state.restoring == [.init(model: "m2", alias: "live", version: nil)])
      #expect(try served(found) == 1)
    }
  }

  @Test func `a version whose server never stays up is left after three starts, also the first of all`() throws {
    for first in [1, 2] {
      let disk = first == 1 ? CrashDisk() : try settled()
      let store = try BundleStore(folder, disk: disk)
      try update(store, to: first)
      for _ in 0..<3 { #expect(try served(disk) == first) }
      #expect(try served(disk) == first - 1)
      #expect(try served(disk) == first - 1)
      #expect(try store.state().failure?.version == first)
    }
  }

  @Test func `a newer update takes the place of one on trial, and the way back leads before both`() throws {
    let disk = try settled()
    let store = try BundleStore(folder, disk: disk)
    try update(store, to: 2)
    try update(store, to: 3)
    #expect(try store.state().previous == 1)
    try store.goBack("it is bad")
    let state = try store.state()
    #expect(state.serving == 1 && Set(state.restoring.map(\.model)) == ["m2", "m3"])
    #expect(try served(disk) == 1)
  }

  @Test func `bytes that are others, or too many, are dropped, and what was cut off is gone on with`() throws {
    let store = try BundleStore(folder, disk: CrashDisk())
    let blob = UpdateFixture.blob("0123456789")
    try store.append(Array("01234".utf8), of: blob)
    #expect(try store.received(of: blob) == 5)
    try store.append(Array("XXXXX".utf8), of: blob)
    #expect(throws: Fault.self) { try store.finish(blob) }
    #expect(try store.received(of: blob) == 0 && !store.has(blob))
    #expect(throws: Fault.self) { try store.append(Array("0123456789X".utf8), of: blob) }
    try store.append(Array("01234".utf8), of: blob)
    try store.append(Array("56789".utf8), of: blob)
    try store.finish(blob)
    #expect(try store.has(blob) && store.received(of: blob) == 10)
    let empty = UpdateFixture.blob("")
    try store.finish(empty)
    #expect(try store.has(empty))
  }

  @Test(arguments: ["bundle", "pipelines/people.yaml", "bin/ridley", ""])
  func `what the disk lost of the version that is served is seen, and comes back from its bundle`(name: String) throws {
    let disk = try settled()
    let store = try BundleStore(folder, disk: disk)
    #expect(try store.loss(of: store.state()) == nil)
    let path = "\(folder)/versions/1\(name.isEmpty ? "" : "/\(name)")"
    try disk.remove(path)
    if name == "bundle" { try disk.create(path, Array("ridley-bundle-1 cut".utf8)) }
    #expect(try store.loss(of: store.state()) != nil)
    if name.isEmpty {
      let next = UpdateFixture.bundle(2, models: [UpdateFixture.model()])
      #expect(throws: Fault.self) { try store.lay(try SignedBundle(next, with: UpdateFixture.key(1)), next) }
    }
    let blob = bundle(1).program!.blob
    try store.append(programs[0], of: blob)
    try store.finish(blob)
    try store.mend(try SignedBundle(bundle(1), with: UpdateFixture.key(1)), bundle(1))
    #expect(try store.loss(of: store.state()) == nil && served(disk) == 1)
  }

  @Test func `space is asked for before anything moves`() throws {
    let bundle = bundle(1)
    let blob = bundle.program!.blob
    let full = try BundleStore(folder, disk: CrashDisk(free: BundleStore.reserve + blob.byteCount))
    #expect(throws: Fault.self) { try full.checkSpace(for: [blob], bundle) }
    let roomy = try BundleStore(
      folder, disk: CrashDisk(free: BundleStore.reserve + blob.byteCount + 2 * bundle.json.count))
    try roomy.checkSpace(for: [blob], bundle)
    // Of a disk of 64 MiB recordings leave a sixteenth: pipelines fit into that.
    let small = try BundleStore(folder, disk: CrashDisk(free: 4 << 20, whole: 64 << 20))
    try small.checkSpace(for: [], UpdateFixture.bundle(1, pipelines: []))
    try small.checkSpace(for: [Bundle.Blob(blob.sha256, byteCount: 2 << 20)], bundle)
    #expect(throws: Fault.self) {
      try small.checkSpace(for: [Bundle.Blob(blob.sha256, byteCount: 3 << 20)], bundle)
    }
  }

  @Test func `the system's own disk does the same`() throws {
    let folder = TemporaryFolder()
    let store = try BundleStore(folder.file("updates"))
    for version in 1...3 {
      try update(store, to: version)
      try store.settle()
      #expect(try store.begin().serving == version)
      let text = try FileSystem.read("\(store.currentPath)/pipelines/people.yaml")
      #expect(String(decoding: text, as: UTF8.self) == "version: \(version)\n")
      #expect(try FileSystem.read("\(store.currentPath)/bin/ridley") == programs[version - 1])
    }
    #expect(try FileSystem.list(folder.file("updates/versions")) == ["2", "3"])
    #expect(try FileSystem.list(folder.file("updates/blobs")) == [])
    try store.goBack("a person wants it")
    #expect(try store.begin().serving == 2)
    #expect(try FileSystem.read("\(store.currentPath)/bin/ridley") == programs[1])
    #expect(throws: Fault.self) {
      try store.goBack("once more"); try store.goBack("and more")
    }
  }
}
