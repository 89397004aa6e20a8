import Base
import Crypto
import Glibc
import Objects
import TestKit
import Testing
import Uploads

private let rules = UploadRules(lifetime: 100)

private func chunk(_ offset: Int, _ count: Int, checksum: UploadChecksum? = nil) throws -> UploadChunk {
  var fields = [
    (name: "Tus-Resumable", value: "1.0.0"), (name: "Upload-Offset", value: "\(offset)"),
    (name: "Content-Type", value: "application/offset+octet-stream"),
  ]
  if let checksum {
    fields.append((name: "Upload-Checksum", value: "\(checksum.algorithm.rawValue) \(Base64.encode(checksum.bytes))"))
  }
  let head = UploadHead("PATCH", .upload, fields: fields, bodyByteCount: count)
  guard case .append(let chunk) = try UploadCall(head, rules) else { throw Fault(.bug, "no chunk") }
  return chunk
}

private func record(_ id: String, _ byteCount: Int, digest: String? = nil) throws -> UploadRecord {
  var fields = [(name: "Tus-Resumable", value: "1.0.0"), (name: "Upload-Length", value: "\(byteCount)")]
  if let digest { fields.append((name: "Upload-Metadata", value: "sha256 \(Base64.encode(Array(digest.utf8)))")) }
  guard case .create(let creation) = try UploadCall(UploadHead("POST", .collection, fields: fields), rules) else {
    throw Fault(.bug, "no creation")
  }
  return UploadRecord(id: id, owner: "acme", creation, rules, now: 1000)
}

struct UploadFolderTests {
  private let folder = TemporaryFolder()
  private let objects: ObjectFolder
  private let uploads: UploadFolder
  private let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }

  init() throws {
    objects = try ObjectFolder(folder.file("o"), reserve: 0)
    uploads = try UploadFolder(objects)
  }

  private func part(_ id: String, of folder: UploadFolder? = nil) throws -> UploadPart? {
    guard case .free(let part) = try (folder ?? uploads).open(id) else { return nil }
    return part
  }

  private func send(_ part: UploadPart, _ range: Range<Int>, checksum: UploadChecksum? = nil) throws -> Bool {
    let chunk = try chunk(range.lowerBound, range.count, checksum: checksum)
    part.begin(chunk)
    try part.append(content.span.extracting(range).bytes)
    return try part.end(chunk, now: 1010, rules)
  }

  @Test(
    "An upload goes on where another process stopped, and becomes an object that collection leaves alone",
    arguments: [true, false])
  func resumed(isWhole: Bool) throws {
    do { #expect(try send(uploads.create(record("u", 10_000)), 0..<3000)) }
    let later = isWhole ? uploads : try UploadFolder(ObjectFolder(folder.file("o"), reserve: 0))
    #expect(try later.record("u")?.offset == 3000 && later.record("u")?.expires == 1110)
    do {
      let part = try #require(try part("u", of: later))
      #expect(try send(part, 3000..<10_000))
      #expect(try part.complete().stored?.name.digest == SHA256.hex(of: content))
    }
    let name = try #require(ObjectName(SHA256.hex(of: content)))
    guard case .complete(let done) = try later.open("u") else {
      Issue.record("it is not complete")
      return
    }
    #expect(done.object == name.digest && done.isComplete)
    #expect(try objects.collect { _ in [] }.removed == 0, "its record still names it")
    try later.finish(done, as: "an asset")
    #expect(try later.record("u")?.result == "an asset" && later.unfinished().isEmpty)
    #expect(try objects.collect { _ in [] }.removed == 1)
    #expect(try later.removeExpired(now: 1110) == 1)
    #expect(try FileSystem.list(folder.file("o/uploads")).isEmpty)
  }

  @Test("Of two requests at one upload one gets it, in one process or two")
  func busy() throws {
    let part = try uploads.create(record("u", 10_000))
    for other in [uploads, try UploadFolder(objects)] {
      guard case .busy(let record) = try other.open("u") else {
        Issue.record("it is not busy")
        return
      }
      #expect(record.offset == 0)
    }
    #expect(try uploads.removeExpired(now: 5000) == 0, "what is in use stays")
    withExtendedLifetime(part) {}
    guard case .none = try uploads.open("other") else {
      Issue.record("there is no such upload")
      return
    }
    guard case .none = try uploads.open("../u") else {
      Issue.record("an id is no path")
      return
    }
  }

  @Test(
    "Of a chunk with a wrong checksum nothing is kept; of one that breaks off, what came",
    arguments: UploadChecksum.Algorithm.allCases)
  func checksums(algorithm: UploadChecksum.Algorithm) throws {
    var sha1 = SHA1()
    var sha256 = SHA256()
    sha1.update(content.span.extracting(0..<500).bytes)
    sha256.update(content.span.extracting(0..<500).bytes)
    let right = UploadChecksum(algorithm, algorithm == .sha1 ? sha1.finishBytes() : sha256.finishBytes())
    let wrong = UploadChecksum(algorithm, right.bytes.map { $0 ^ 1 })
    do {
      let part = try uploads.create(record("u", 10_000))
      #expect(try !send(part, 0..<500, checksum: wrong))
      #expect(part.record.offset == 0)
      #expect(try send(part, 0..<500, checksum: right))
      part.begin(try chunk(500, 400, checksum: right))
      try part.append(content.span.extracting(500..<600).bytes)
    }
    #expect(try uploads.record("u")?.offset == 500)
    do {
      let part = try #require(try part("u"))
      part.begin(try chunk(500, 400))
      try part.append(content.span.extracting(500..<600).bytes)
    }
    #expect(try uploads.record("u")?.offset == 600)
    let part = try #require(try part("u"))
    #expect(try send(part, 600..<10_000))
    #expect(try part.complete().digest == SHA256.hex(of: content))
  }

  @Test("A whole with another digest than announced is gone, and so is what was ended or expired")
  func gone() throws {
    do {
      let part = try uploads.create(record("u", 10_000, digest: String(repeating: "0", count: 64)))
      #expect(try send(part, 0..<10_000))
      let done = try part.complete()
      #expect(done.stored == nil && done.digest == SHA256.hex(of: content))
    }
    do { try uploads.create(record("v", 5)).remove() }
    do { _ = try uploads.create(record("w", 5)) }
    #expect(try uploads.removeExpired(now: 1099) == 0)
    #expect(try uploads.removeExpired(now: 1100) == 1)
    #expect(try FileSystem.list(folder.file("o/uploads")).isEmpty)
    #expect(try ObjectName.shards.allSatisfy { try objects.list($0).isEmpty })
    let empty = try uploads.create(record("x", 0))
    #expect(try empty.complete().stored?.byteCount == 0)
  }

  @Test("An upload that was whole when its process died is completed by the next")
  func completedLater() throws {
    do { #expect(try send(uploads.create(record("u", 10_000)), 0..<10_000)) }
    let part = try #require(try part("u", of: UploadFolder(objects)))
    #expect(part.record.isComplete && part.record.object == nil)
    #expect(try part.complete().stored?.name.digest == SHA256.hex(of: content))
  }
}

/// What dies at any instant.
struct KilledWriterTests {
  private let folder = TemporaryFolder()
  private let worker = Program.path.replacing(/ridley$/, with: "objects-worker")

  /// What it told until it was killed.
  private func killed(_ words: [String], after seconds: Double) -> [Substring] {
    let script = "\"$@\" >\"$OUT\" & child=$!; sleep \(seconds); kill -9 $child; wait $child; cat \"$OUT\""
    let result = shell(
      ["bash", "-c", script, "bash", worker] + words, environment: ["OUT": folder.file("out")])
    return result.output.split(separator: "\n")
  }

  @Test("Whatever was told to be stored is whole, and nothing half is visible or left")
  func put() throws {
    var told: Set<ObjectName> = []
    // A slow machine comes to nothing in the first rounds.
    for round in 0..<100 where round < 12 || told.isEmpty {
      let lines = killed(["put", folder.file("o"), "\(round)"], after: 0.05 + Double(round) * 0.013)
      told.formUnion(lines.compactMap { ObjectName(String($0)) })
      let objects = try ObjectFolder(folder.file("o"), reserve: 0)
      #expect(try FileSystem.list(folder.file("o/staging")).isEmpty)
      for name in try ObjectName.shards.flatMap({ try objects.list($0) }) {
        #expect(try objects.verify(name) == .sound)
      }
    }
    #expect(!told.isEmpty)
    let objects = try ObjectFolder(folder.file("o"), reserve: 0)
    for name in told { #expect(try objects.verify(name) == .sound) }
    #expect(try objects.collect { _ in told }.held == 0, "leases of dead writers are forgotten")
    #expect(try Set(ObjectName.shards.flatMap { try objects.list($0) }) == told)
  }

  @Test("Uploads go on from what was told, and can be completed")
  func upload() throws {
    for round in 0..<8 {
      let lines = killed(["upload", folder.file("o"), "\(round)"], after: 0.06 + Double(round) * 0.017)
      let objects = try ObjectFolder(folder.file("o"), reserve: 0)
      let uploads = try UploadFolder(objects)
      var told: [String: Int] = [:]
      for line in lines {
        let words = line.split(separator: " ")
        if words.count == 2, let offset = Int(words[1]) { told[String(words[0])] = offset }
        if let name = ObjectName(String(line)) { #expect(try objects.verify(name) == .sound) }
      }
      for (id, offset) in told {
        let record = try #require(try uploads.record(id))
        #expect(record.offset >= offset)
        guard case .free(let part) = try uploads.open(id) else { continue }
        if record.isComplete { #expect(try part.complete().stored != nil) } else { try part.remove() }
      }
    }
  }

  @Test("Two processes that collect and put do not take from each other")
  func together() throws {
    let path = folder.file("o")
    _ = try ObjectFolder(path)
    let script = """
      "$0" collect "$1" >"$1.c" & a=$!; "$0" put "$1" 1 >"$1.p" & b=$!; sleep 1.5
      kill -0 $b && kill -0 $a && kill -9 $b $a; wait; wc -l <"$1.c"; cat "$1.p"
      """
    let lines = shell(["bash", "-c", script, worker, path]).output.split(separator: "\n")
    #expect(Int(lines.first?.filter(\.isNumber) ?? "") ?? 0 > 0)
    let objects = try ObjectFolder(path, reserve: 0)
    let told = lines.dropFirst().compactMap { ObjectName(String($0)) }
    #expect(!told.isEmpty)
    for name in told { #expect(try objects.verify(name) == .sound, "it was leased as long as its writer lived") }
  }
}
