import Base
import Crypto
import Objects

/// How fast a place takes and gives bytes.
struct Measure {
  let objects: any ObjectStore

  init(_ objects: any ObjectStore) { self.objects = objects }

  func run(_ mebibytes: Int) throws(Fault) {
    let seed = UInt64.random(in: 1 ... .max)
    let blocks = (0..<mebibytes).map { Work.mebibyte($0, seed) }
    var digest = SHA256()
    for block in blocks { digest.update(block) }
    let name = ObjectName(digest.finish())!
    let known = try time("put, name known", mebibytes) { () throws(Fault) in
      try write(blocks, ObjectPlan(byteCount: mebibytes << 20, name: name))
    }
    // One byte differs: it is not there yet.
    var others = blocks
    others[0][7] ^= 1
    let unknown = try time("put, name not known", mebibytes) { () throws(Fault) in try write(others, ObjectPlan()) }
    _ = try time("put again, name known", mebibytes) { () throws(Fault) in
      try write(blocks, ObjectPlan(byteCount: mebibytes << 20, name: name))
    }
    try read(name, mebibytes)
    _ = try time("verify", mebibytes) { () throws(Fault) in
      guard try objects.verify(name, each: {}) == .sound else { throw Fault(.bug, "not sound") }
    }
    if let service = objects as? S3ObjectStore {
      let key = service.key(of: name)
      try time("copy within the service", mebibytes) { () throws(Fault) in
        try service.client.copy(key, to: "\(key)-copy")
        try service.client.remove("\(key)-copy")
      }
    }
    try small()
    withExtendedLifetime((known, unknown)) {}
  }

  private func read(_ name: ObjectName, _ mebibytes: Int) throws(Fault) {
    guard let reader = try objects.open(name) else { throw Fault(.bug, "not there") }
    for (words, step) in [("read, ranges of 1 MiB in order", 1 << 20), ("read, ranges of 64 KiB in order", 1 << 16)] {
      try time(words, mebibytes) { () throws(Fault) in
        for place in stride(from: 0, to: mebibytes << 20, by: step) { _ = try reader.read(place..<(place + step)) }
      }
    }
    let count = 200
    let begun = Clock.now
    for number in 0..<count {
      let place = (number &* 7_919_573) % ((mebibytes << 20) - 65536)
      _ = try reader.read(place..<(place + 65536))
    }
    tell("read, 64 KiB anywhere", Double(Clock.now - begun) / 1e6 / Double(count), "ms each")
  }

  private func small() throws(Fault) {
    let count = 200
    var stored: [StoredObject] = []
    var begun = Clock.now
    for number in 0..<count {
      let bytes = Array(Work.mebibyte(number, UInt64.random(in: 0 ... .max)).prefix(20_000))
      stored.append(try write([bytes], ObjectPlan(byteCount: bytes.count)))
    }
    tell("put, 20 KB", Double(Clock.now - begun) / 1e6 / Double(count), "ms each")
    begun = Clock.now
    for one in stored { _ = try objects.open(one.name)?.read(0..<20_000) }
    tell("open and read, 20 KB", Double(Clock.now - begun) / 1e6 / Double(count), "ms each")
  }

  private func write(_ blocks: [[UInt8]], _ plan: ObjectPlan) throws(Fault) -> StoredObject {
    let writer = try objects.write(plan)
    for block in blocks { try writer.append(block.span.bytes) }
    return try writer.finish()
  }

  @discardableResult
  private func time<Result>(
    _ words: String, _ mebibytes: Int, _ body: () throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let begun = Clock.now
    let result = try body()
    tell(words, Double(mebibytes) * 1e9 / Double(Clock.now - begun), "MiB/s")
    return result
  }

  private func tell(_ words: String, _ number: Double, _ unit: String) {
    let rounded = number < 10 ? "\((number * 100).rounded() / 100)" : "\(Int(number.rounded()))"
    put("\(words)\t\(rounded) \(unit)\n")
  }
}
