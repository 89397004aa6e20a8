import Base
import TestKit
import Testing
import Vision

@testable import Metadata

/// The smallest files that say something of themselves, written by hand.
private enum Written {
  static func message(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(bytes.count) + bytes
  }

  static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  /// `ModelProto`: version, producer, a graph of so many bytes, properties.
  static func onnx(_ properties: [(String, String)], graph: Int = 300) -> [UInt8] {
    let entries = properties.flatMap { key, value in
      message(14, message(1, Array(key.utf8)) + message(2, Array(value.utf8)))
    }
    return [8, 8] + message(2, Array("pytorch".utf8)) + message(7, [UInt8](repeating: 0xff, count: graph)) + entries
  }

  /// Metadata in the only buffer, followed by so many bytes that say nothing.
  static func lite(means: Int = 1, padding: Int = 0) -> [UInt8] {
    var file = FlatBuffer()
    let root = file.slot()
    for byte in "TFL3".utf8 { file.add(Int(byte), width: 1) }
    let model = file.table(root, 4, 6)
    let entry = file.tables(model[6]!, 0)
    file.text(entry[0]!, "TFLITE_METADATA")
    let start = file.list(file.tables(model[4]!, 0)[0]!, count: 0)
    let metadata = file.slot()
    for byte in "M001".utf8 { file.add(Int(byte), width: 1) }
    let unit = file.tables(file.tables(file.tables(file.table(metadata, 3)[3]!, 2)[2]!, 4)[4]!, 0, 1)
    file.set(unit[0]!, 1)
    let options = file.table(unit[1]!, 0, 1)
    file.floats(options[0]!, [Float](repeating: 127.5, count: means))
    file.floats(options[1]!, [Float](repeating: 128, count: means))
    file.set(start - 4, file.bytes.count - start + padding)
    return file.bytes + [UInt8](repeating: 0, count: padding)
  }

  static func ir(_ info: String) -> [UInt8] {
    Array(
      """
      <?xml version="1.0"?><net name="n" version="11"><layers><layer id="0"><rt_info><attribute name="x" value="no"/>
      </rt_info></layer></layers><edges><edge/></edges><rt_info><Runtime_version value="1"/><model_info>\(info)
      </model_info></rt_info></net>
      """.utf8)
  }
}

struct NetworkFactsTests {
  let folder = TemporaryFolder()

  private func facts(_ bytes: [UInt8]) throws -> NetworkFacts {
    let path = folder.file("net")
    try FileSystem.write(bytes, to: path)
    return NetworkFacts(ofNetwork: path)
  }

  @Test("What Ultralytics writes into an ONNX file is read behind the graph")
  func ultralytics() throws {
    let facts = try facts(
      Written.onnx([
        ("task", "detect"), ("names", "{0: 'cat', 1: \"dog's\", 2: 'b\\u00e9b\\xe9'}"), ("stride", "32"),
        ("args", "{'nms': True, 'batch': 1}"), ("kpt_shape", "[17, 3]"), ("imgsz", "[480, 640]"),
      ]))
    #expect(facts.exporter == "Ultralytics" && facts.task == "detect" && facts.hasSuppression)
    #expect(facts.labels == ["cat", "dog's", "bébé"] && facts.keypoints == [17, 3])
    #expect(facts.color == .rgb && facts.resize == .letterbox && facts.scale == [255] && facts.mean == [])
    #expect(!facts.givesFractions && facts.size == Size(width: 640, height: 480))
  }

  @Test(
    "Labels are found where other exporters put them",
    arguments: [
      ("id2label", "{\"0\": \"cat\", \"1\": \"dog\"}"), ("labels", "cat, dog"), ("classes", "['cat', 'dog']"),
      ("class_names", "cat\ndog"),
    ])
  func labels(_ key: String, _ text: String) throws {
    #expect(try facts(Written.onnx([(key, text)])).labels == ["cat", "dog"])
  }

  @Test("PaddleOCR's characters are labels, one a line, a blank among them")
  func characters() throws {
    let facts = try facts(Written.onnx([("character", "a\nb\n \n")]))
    #expect(facts.labels == ["a", "b", " "] && facts.task == "text" && facts.color == .bgr && facts.mean == [127.5])
  }

  @Test("Where words stand in place of characters, they are a classifier's labels and say nothing of text")
  func words() throws {
    let facts = try facts(Written.onnx([("character", "0\n90\n180\n270\n")]))
    #expect(facts.labels == ["0", "90", "180", "270"] && facts.task == nil && facts.color == nil && facts.mean == nil)
  }

  @Test("The ONNX standard's words about pictures settle colour and numbers")
  func standard() throws {
    let facts = try facts(
      Written.onnx([("Image.BitmapPixelFormat", "Bgr8"), ("Image.NominalPixelRange", "Normalized_1_1")]))
    #expect(facts.color == .bgr && facts.mean == [127.5] && facts.scale == [127.5])
  }

  @Test("What OpenVINO's Model API writes stands behind the edges; layers' own information is not meant")
  func modelAPI() throws {
    let facts = try facts(
      Written.ir(
        """
        <model_type value="ssd"/><labels value="traffic_light car &amp;c"/><confidence_threshold value="0.4"/>
        <reverse_input_channels value="True"/><mean_values value="123.675 116.28 103.53"/><scale_values value="[255.0]"/>
        <resize_type value="fit_to_window_letterbox"/><pad_value value="114"/>
        """))
    #expect(facts.exporter == "OpenVINO Model API" && facts.task == "ssd")
    #expect(facts.labels == ["traffic light", "car", "&c"] && facts.threshold == 0.4 && facts.color == .rgb)
    #expect(facts.mean == [123.675, 116.28, 103.53] && facts.scale == [255])
    #expect(facts.resize == .letterbox && facts.anchor == .center && facts.pad == 114)
  }

  @Test("What OpenVINO's converter put into a network is said where it writes its options, new and old")
  func conversion() throws {
    func facts(_ words: String) throws -> NetworkFacts {
      let whole = String(decoding: Written.ir(""), as: UTF8.self)
      return try self.facts(Array(whole.replacing("<rt_info><Runtime", with: "\(words)<rt_info><Runtime").utf8))
    }
    let new = String(decoding: Written.ir(""), as: UTF8.self).replacing(
      "<model_info>",
      with: "<conversion_parameters><reverse_input_channels value=\"True\"/></conversion_parameters><model_info>")
    #expect(try self.facts(Array(new.utf8)).isReversed == true)
    func old(_ reverse: String, _ mean: String) throws -> NetworkFacts {
      try facts(
        """
        <meta_data><MO_version value="2021.4"/><cli_parameters><mean_values value="\(mean)"/><scale value="None"/>
        <reverse_input_channels value="\(reverse)"/><unset unset_cli_parameters="batch"/></cli_parameters></meta_data>
        """)
    }
    let told = try old("True", "data[104.0,117.0,123.0]")
    #expect(told.isReversed == true && told.mean == [] && told.scale == [] && told.exporter == nil)
    let plain = try old("False", "()")
    #expect(plain.isReversed == false && plain.mean == nil && plain.scale == nil && plain.color == nil)
    #expect(try self.facts(Written.ir("")).isReversed == nil)
  }

  @Test("A file that is cut or changed anywhere says less, and never what it did not say")
  func damaged() throws {
    let whole = Written.onnx([("task", "pose"), ("names", "{0: 'cat'}"), ("stride", "32")])
    for count in 0..<whole.count { _ = try facts(Array(whole[..<count])) }
    for index in whole.indices {
      var changed = whole
      changed[index] = 0xff
      _ = try facts(changed)
    }
    #expect(try facts(Array(whole.dropLast(20))).labels == [])
    #expect(try facts(Written.onnx([("names", "{0: 'cat', 2: 'dog'}"), ("stride", "32")])).labels == [])
  }

  @Test("Python's values are read as it prints them, and nothing else")
  func python() {
    #expect(PythonLiteral("{0: 'a', 1: 'b'}")?.labels == ["a", "b"])
    #expect(PythonLiteral("('a', \"b\", 'c\\'d')")?.labels == ["a", "b", "c'd"])
    #expect(PythonLiteral("[640, 640]")?.labels == ["640", "640"])
    #expect(PythonLiteral("{'nms': True}")?["nms"]?.words == "True")
    for text in ["", "[", "{0}", "'a", "[1,,2]", "{0: 'a'} b", String(repeating: "[", count: 100)] {
      #expect(PythonLiteral(text) == nil, "\(text)")
    }
  }

  @Test("Metadata of a TensorFlow Lite file is found in a buffer of any length", arguments: [0, 5 << 20])
  func longBuffer(padding: Int) throws {
    #expect(try facts(Written.lite(padding: padding)).mean == [127.5])
    #expect(try facts(Written.lite(padding: padding)).scale == [128])
  }

  @Test("A list that is longer than words ever are says nothing")
  func longList() throws {
    #expect(try facts(Written.lite(means: 100_000)).mean?.count == 100_000)
    #expect(try facts(Written.lite(means: 100_001)).mean == nil)
  }

  @Test(
    "A TensorFlow Lite file says what its numbers stand for, and names its classes",
    .enabled(if: TestData.isThere, "\(TestData.whyNot)"))
  func lite() throws {
    let facts = NetworkFacts(ofNetwork: TestData.path("google-coral+test_data/mobilenet_v2_1.0_224_quant.tflite"))
    let scales = facts.quantization.values.map(\.scale)
    #expect(scales.contains(1 / 256) && scales.contains { abs($0 - 1 / 128) < 1e-4 })
    let named = TestData.path(
      "tensorflow+tflite-support/tensorflow_lite_support/cc/test/testdata/task/vision/mobilenet_v1_0.25_224_quant.tflite"
    )
    #expect(NetworkFacts(ofNetwork: named).labels.count == 1001)
  }
}
