import Foundation

/// A network in OpenVINO IR that is put together by hand, layer by layer.
struct HandWritten {
  /// What a layer gives: the numbers' type, and sides of which -1 is open.
  struct Output {
    fileprivate let layer: Int
    fileprivate let port: Int
    fileprivate let type: String
    fileprivate let sides: [Int]

    fileprivate func port(_ number: Int, named name: String? = nil) -> String {
      let names = name.map { " names=\"\($0)\"" } ?? ""
      let sides = sides.map { "<dim>\($0)</dim>" }.joined()
      return "<port id=\"\(number)\" precision=\"\(type)\"\(names)>\(sides)</port>"
    }
  }

  private var layers = ""
  private var edges = ""
  private var count = 0
  private var constants: [UInt8] = []

  /// What the network is given, called `in`: 32-bit floats, or bytes.
  mutating func input(_ sides: [Int], bytes: Bool = false) -> Output {
    let shape = sides.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: ",")
    let data = "shape=\"\(shape)\" element_type=\"\(bytes ? "u8" : "f32")\""
    return add("Parameter", data: data, to: [], type: bytes ? "U8" : "FP32", sides: sides, named: "in")
  }

  mutating func constant(_ values: [Int64]) -> Output {
    constant(values.withUnsafeBytes { Array($0) }, "i64", "I64", values.count)
  }

  mutating func constant(_ values: [Float]) -> Output {
    constant(values.withUnsafeBytes { Array($0) }, "f32", "FP32", values.count)
  }

  private mutating func constant(_ bytes: [UInt8], _ element: String, _ type: String, _ count: Int) -> Output {
    defer { constants += bytes }
    let place = "offset=\"\(constants.count)\" size=\"\(bytes.count)\""
    return add(
      "Const", data: "element_type=\"\(element)\" shape=\"\(count)\" \(place)", to: [], type: type, sides: [count])
  }

  /// Adds an operator that gives one tensor; `name` is what the engine's callers know that by.
  mutating func add(
    _ kind: String, opset: Int = 1, data: String? = nil, to inputs: [Output], type: String = "FP32", sides: [Int],
    named name: String? = nil
  ) -> Output {
    let made = Output(layer: count, port: inputs.count, type: type, sides: sides)
    add(kind, opset, data, inputs, gives: made.port(made.port, named: name))
    return made
  }

  private mutating func add(_ kind: String, _ opset: Int, _ data: String?, _ inputs: [Output], gives output: String?) {
    layers += "<layer id=\"\(count)\" name=\"\(kind)\(count)\" type=\"\(kind)\" version=\"opset\(opset)\">"
    if let data { layers += "<data \(data)/>" }
    let ports = inputs.enumerated().map { $1.port($0) }.joined()
    if !inputs.isEmpty { layers += "<input>\(ports)</input>" }
    if let output { layers += "<output>\(output)</output>" }
    layers += "</layer>\n"
    for (port, input) in inputs.enumerated() {
      edges +=
        "<edge from-layer=\"\(input.layer)\" from-port=\"\(input.port)\" to-layer=\"\(count)\" to-port=\"\(port)\"/>\n"
    }
    count += 1
  }

  /// Writes `<path>.xml`, and the constants that it reads as `<path>.bin`; `result` is the network's answer.
  mutating func write(_ result: Output, to path: String) throws {
    add("Result", 1, nil, [result], gives: nil)
    let name = URL(filePath: path).lastPathComponent
    let xml = """
      <?xml version="1.0"?>
      <net name="\(name)" version="11">
      <layers>
      \(layers)</layers>
      <edges>
      \(edges)</edges>
      </net>
      """
    try Data(xml.utf8).write(to: URL(filePath: path + ".xml"))
    try Data(constants).write(to: URL(filePath: path + ".bin"))
  }
}
