import Base
import Crypto
import Objects
import Uploads

/// What is done again and again.
struct Work {
  let objects: any ObjectStore
  var state: UInt64

  init(_ objects: any ObjectStore, seed: UInt64) { (self.objects, state) = (objects, seed) }

  mutating func putForEver() throws(Fault) {
    var held: [any ObjectLease] = []
    while true {
      let bytes = bytes(1 + number(below: 200_000))
      let writer = try objects.write(ObjectPlan(byteCount: number(below: 2) == 0 ? bytes.count : nil))
      for part in stride(from: 0, to: bytes.count, by: 16_384) {
        try writer.append(bytes.span.extracting(part..<min(bytes.count, part + 16_384)).bytes)
      }
      let stored = try writer.finish()
      held.append(stored.lease)
      put("\(stored.name)\n")
    }
  }

  /// One object whose name is known before its bytes come.
  func putLarge(_ mebibytes: Int) throws(Fault) {
    var digest = SHA256()
    for number in 0..<mebibytes { digest.update(Self.mebibyte(number, state)) }
    let name = ObjectName(digest.finish())!
    put("\(name)\n")
    let writer = try objects.write(ObjectPlan(byteCount: mebibytes << 20, name: name))
    for number in 0..<mebibytes {
      try writer.append(Self.mebibyte(number, state).span.bytes)
      put("\(number + 1)\n")
    }
    let stored = try writer.finish()
    let status = String(decoding: (try? FileSystem.read("/proc/self/status")) ?? [], as: UTF8.self)
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    put("peak \(peak?.filter(\.isNumber) ?? "") KiB\n")
    put("done, \((objects as? S3ObjectStore)?.done.partsFound ?? 0) parts were there\n")
    withExtendedLifetime(stored) {}
  }

  /// The same for the same seed, made quickly.
  static func mebibyte(_ number: Int, _ seed: UInt64) -> [UInt8] {
    var block = [UInt8](repeating: UInt8(truncatingIfNeeded: seed), count: 1 << 20)
    var word = seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number)
    for place in stride(from: 0, to: block.count, by: 4096) {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      block[place] = UInt8(truncatingIfNeeded: word >> 40)
      block[place + 1] = UInt8(truncatingIfNeeded: word >> 48)
    }
    return block
  }

  mutating func uploadForEver(_ folder: ObjectFolder) throws(Fault) {
    let uploads = try UploadFolder(folder)
    let rules = UploadRules()
    var round = 0
    while true {
      let bytes = bytes(1 + number(below: 300_000))
      let id = "u\(state)-\(round)"
      round += 1
      do {
        let part = try create(id, bytes.count, uploads, rules)
        while part.record.offset < bytes.count {
          let from = part.record.offset
          let to = min(bytes.count, from + 1 + number(below: 100_000))
          let head = UploadHead(
            "PATCH", .upload,
            fields: [
              ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "\(from)"),
              ("Content-Type", "application/offset+octet-stream"),
            ], bodyByteCount: to - from)
          guard case .append(let chunk) = try UploadCall(head, rules) else { return }
          part.begin(chunk)
          try part.append(bytes.span.extracting(from..<to).bytes)
          _ = try part.end(chunk, now: 1_000, rules)
          put("\(id) \(part.record.offset)\n")
        }
        let done = try part.complete()
        put("\(done.digest)\n")
      } catch let refusal as UploadRefusal {
        throw Fault(.bug, refusal.answer.message ?? "")
      } catch let fault as Fault {
        throw fault
      } catch { throw Fault(.bug, "\(error)") }
    }
  }

  private func create(
    _ id: String, _ byteCount: Int, _ uploads: UploadFolder, _ rules: UploadRules
  ) throws -> UploadPart {
    let head = UploadHead(
      "POST", .collection, fields: [("Tus-Resumable", "1.0.0"), ("Upload-Length", "\(byteCount)")])
    guard case .create(let creation) = try UploadCall(head, rules) else { throw Fault(.bug, "no creation") }
    return try uploads.create(UploadRecord(id: id, owner: "acme", creation, rules, now: 1_000))
  }

  func collectForEver() throws(Fault) {
    var count = 0
    while true {
      _ = try objects.collect { _ in [] }
      count += 1
      put("\(count)\n")
    }
  }

  private mutating func bytes(_ count: Int) -> [UInt8] {
    let key = next()
    return (0..<count).map { UInt8(truncatingIfNeeded: (UInt64($0) &* 0x9e37_79b9 ^ key) >> 11) }
  }

  private mutating func number(below limit: Int) -> Int { Int(next() >> 33) % limit }

  private mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
