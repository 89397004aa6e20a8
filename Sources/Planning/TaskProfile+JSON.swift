internal import Base
internal import JSON

extension TaskProfile {
  private enum Key: String, CaseIterable {
    case name, seconds, memory, disk, cores, copies, loads, target
  }

  func write(into json: inout JSONWriter) {
    json.field("name", name)
    json.field("seconds", ifKnown: seconds, digits: 3)
    json.field("memory", ifKnown: memoryBytes)
    json.field("disk", ifKnown: diskBytes)
    json.field("cores", cores, digits: 3)
    json.field("copies", copiesObjects)
    json.field("loads", loadsEachTask)
    json.field("target", target, digits: 3)
  }

  init(json value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    self.init(
      name: try fields.required(.name).string(),
      seconds: try fields[.seconds].map { (value) throws(Fault) in try value.number(in: 0.001...1e9) },
      memoryBytes: try fields[.memory]?.integer(in: 1 ... .max), diskBytes: try fields[.disk]?.integer(in: 1 ... .max),
      cores: try fields.required(.cores).number(in: 0.001...4096), copiesObjects: try fields.required(.copies).bool(),
      loadsEachTask: try fields.required(.loads).bool(), target: try fields.required(.target).number(in: 0.001...1e9))
  }
}

/// Values as the documents of this room hold them.
extension JSONValue {
  func number(in range: ClosedRange<Double>) throws(Fault) -> Double {
    let number = try number()
    guard range.contains(number) else {
      throw fault("\(number) is out of range, expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// 64 hexadecimal digits in lower case.
  func digest() throws(Fault) -> String {
    let text = try string()
    guard Hex.bytes(text)?.count == 32 else {
      throw fault("this is no SHA-256: 64 hexadecimal digits in lower case are expected")
    }
    return text
  }

  func pipelineDigest() throws(Fault) -> String {
    let text = try string()
    guard text.hasPrefix("sha256:"), Hex.bytes(String(text.dropFirst(7)))?.count == 32 else {
      throw fault("this is no digest of a pipeline: sha256: and 64 hexadecimal digits are expected")
    }
    return text
  }

  func integers(in range: ClosedRange<Int>, most: Int) throws(Fault) -> [Int] {
    var numbers: [Int] = []
    for element in try elements() {
      guard numbers.count < most else { throw fault("there are more than \(most) numbers here") }
      numbers.append(try element.integer(in: range))
    }
    return numbers
  }
}
