import Base
import Inference
import Synchronization
import TestKit
import Testing

/// A network that adds up what it is given, so that every input has an answer of its own.
enum SumNetwork {
  /// OpenVINO IR of `sum over [?,2,2,3]`, written by hand.
  static let xml = """
    <?xml version="1.0"?>
    <net name="sum" version="11">
      <layers>
        <layer id="0" name="in" type="Parameter" version="opset1">
          <data shape="?,2,2,3" element_type="f32"/>
          <output><port id="0" precision="FP32" names="in"><dim>-1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port></output>
        </layer>
        <layer id="1" name="axes" type="Const" version="opset1">
          <data element_type="i64" shape="3" offset="0" size="24"/>
          <output><port id="0" precision="I64"><dim>3</dim></port></output>
        </layer>
        <layer id="2" name="sum" type="ReduceSum" version="opset1">
          <data keep_dims="false"/>
          <input>
            <port id="0" precision="FP32"><dim>-1</dim><dim>2</dim><dim>2</dim><dim>3</dim></port>
            <port id="1" precision="I64"><dim>3</dim></port>
          </input>
          <output><port id="2" precision="FP32" names="sum"><dim>-1</dim></port></output>
        </layer>
        <layer id="3" name="out" type="Result" version="opset1">
          <input><port id="0" precision="FP32"><dim>-1</dim></port></input>
        </layer>
      </layers>
      <edges>
        <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
        <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
        <edge from-layer="2" from-port="2" to-layer="3" to-port="0"/>
      </edges>
    </net>
    """

  static func compile(in folder: TemporaryFolder, batch: Int, streams: Int) throws -> CompiledNetwork {
    try Disk.write(Array(xml.utf8), to: folder.file("sum.xml"))
    let axes: [UInt8] = [1, 2, 3].flatMap { [$0, 0, 0, 0, 0, 0, 0, 0] }
    try Disk.write(axes, to: folder.file("sum.bin"))
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    (options.batch, options.streams) = (batch, streams)
    options.picture = PictureInput(width: 2, height: 2, channels: 3, channelsFirst: false)
    return try CompiledNetwork(try engine.read(folder.file("sum.xml")), with: options, on: engine)
  }
}

struct UnitTests {
  @Test(
    "Every answer goes to its own asker, whatever the batch, from several threads, with inputs that fail",
    arguments: [1, 2, 5])
  func ownAnswers(batch: Int) throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: batch, streams: 2))
    let wrong = Atomic(0)
    let answered = Atomic(0)
    let failed = Atomic(0)
    let askers = (0..<3).map { asker in
      Worker {
        for number in 0..<400 {
          let value = UInt8((asker * 83 + number) % 251)
          let fails = number % 17 == 3
          do {
            try unit.submit { (place) throws(Fault) in
              if fails { throw Fault(.badInput, "not a picture") }
              try place.write { (bytes) throws(Fault) in
                for offset in 0..<12 { bytes.storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }
              }
            } done: { result in
              let sum = try? result.get().withFloats(0) { $0[0] }
              if sum != Float(value) * 12 { wrong.add(1, ordering: .relaxed) }
              answered.add(1, ordering: .relaxed)
            }
          } catch { failed.add(1, ordering: .relaxed) }
        }
      }
    }
    for asker in askers { asker.join() }
    unit.drain()
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(failed.load(ordering: .relaxed) == 3 * 24)
    #expect(answered.load(ordering: .relaxed) == 3 * (400 - 24))
  }

  @Test("A unit that goes away answers first what it accepted")
  func endsClean() throws {
    let folder = TemporaryFolder()
    let answered = Atomic(0)
    do {
      let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1))
      for _ in 0..<50 {
        try unit.submit { (place) throws(Fault) in
          try place.write { (bytes) throws(Fault) in bytes.storeBytes(of: 1, toByteOffset: 0, as: UInt8.self) }
        } done: { _ in
          answered.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(answered.load(ordering: .relaxed) == 50)
  }

  @Test("A unit whose last owner is an answer ends on its own thread, after the other answers")
  func endsFromAnswer() throws {
    let folder = TemporaryFolder()
    let answered = Monitor(0)
    do {
      let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1))
      for _ in 0..<20 {
        try unit.submit { _ in
        } done: { [unit] _ in
          answered.update { $0 += unit.capacity / unit.capacity }
        }
      }
    }
    answered.wait { $0 == 20 ? () : nil }
  }

  @Test("Mean and scale are part of the graph")
  func meanAndScale() throws {
    let folder = TemporaryFolder()
    _ = try SumNetwork.compile(in: folder, batch: 1, streams: 1)
    let engine = try Engine(cacheFolder: nil)
    var options = CompileOptions()
    options.picture = PictureInput(
      width: 2, height: 2, channels: 3, channelsFirst: false, mean: [10, 20, 30], scale: [1, 2, 4])
    let network = try CompiledNetwork(try engine.read(folder.file("sum.xml")), with: options, on: engine)
    let sum = try infer(try InferenceUnit(network), Array(repeating: 50, count: 12)).values[0][0]
    #expect(sum == 4 * (40 + 30 / 2 + 20 / 4))
  }
}
