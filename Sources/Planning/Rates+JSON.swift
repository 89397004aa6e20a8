public import Base
internal import JSON

extension Rates {
  private enum Key: String, CaseIterable { case rates, machine, known }
  private enum EntryKey: String, CaseIterable {
    case of, codec, width, height, model, pipeline, step, sample, every, mean, count
  }
  private enum Subject: String, CaseIterable {
    case decode, pass, gate, prepare, frame, infer, load, task, item, passing, crops, decoded, memory
  }
  private enum SampleWord: String, CaseIterable {
    case all
    case keyFrames = "key-frames"
    case every
  }

  private static let mostEntries = 100_000

  /// One line of JSON, its entries in one order.
  public var bytes: [UInt8] {
    let entries = known.map { key, rate in JSONWriter.object { Self.write(key, rate, into: &$0) } }
    return JSONWriter.line { json in
      json.field("rates", 1)
      json.field("machine", machine)
      json.array("known") { json in
        for entry in entries.sorted(by: { $0.lexicographicallyPrecedes($1) }) { json.embed(entry) }
      }
    }
  }

  private static func write(_ key: RateKey, _ rate: MeasuredRate, into json: inout JSONWriter) {
    func subject(
      _ subject: Subject, _ size: Size? = nil, codec: String? = nil, model: String? = nil, pipeline: String? = nil
    ) {
      json.field("of", subject.rawValue)
      json.field("width", ifKnown: size?.width)
      json.field("height", ifKnown: size?.height)
      json.field("codec", ifKnown: codec)
      json.field("model", ifKnown: model)
      json.field("pipeline", ifKnown: pipeline)
    }
    switch key {
    case .decode(let codec, let size): subject(.decode, size, codec: codec)
    case .pass(let codec): subject(.pass, codec: codec)
    case .gate(let size): subject(.gate, size)
    case .prepare(let size): subject(.prepare, size)
    case .frame(let pipeline): subject(.frame, pipeline: pipeline)
    case .infer(let model): subject(.infer, model: model)
    case .load(let model): subject(.load, model: model)
    case .task: subject(.task)
    case .item: subject(.item)
    case .passing(let pipeline): subject(.passing, pipeline: pipeline)
    case .crops(let pipeline, let step):
      subject(.crops, pipeline: pipeline)
      json.field("step", step)
    case .decoded(let codec, let sampling):
      subject(.decoded, codec: codec)
      write(sampling, into: &json)
    case .memory(let pipeline, let size): subject(.memory, size, pipeline: pipeline)
    }
    json.field("mean", rate.mean, digits: 12)
    json.field("count", rate.count, digits: 3)
  }

  private static func write(_ sampling: Sampling, into json: inout JSONWriter) {
    switch sampling {
    case .all: json.field("sample", SampleWord.all.rawValue)
    case .keyFrames: json.field("sample", SampleWord.keyFrames.rawValue)
    case .every(let seconds):
      json.field("sample", SampleWord.every.rawValue)
      json.field("every", seconds, digits: 9)
    case .fps: preconditionFailure("a key holds a step of time")
    }
  }

  /// Reads what ``bytes`` gave; anything else is a fault with its place.
  public init(bytes: [UInt8], name: String = "the rates") throws(Fault) {
    let root = try JSONDocument(parsing: bytes.span.bytes, name: name).root
    let fields = try root.fields(Key.self)
    let version = try fields.required(.rates)
    guard try version.integer() == 1 else {
      throw version.fault(
        "rates of another version of ridley: they are measured anew once they are deleted", .unsupported)
    }
    self.init(machine: try fields.required(.machine).string())
    let list = try fields.required(.known)
    for element in try list.elements() {
      guard known.count < Self.mostEntries else { throw list.fault("there are more than \(Self.mostEntries) rates") }
      let entry = try element.fields(EntryKey.self)
      let key = try Self.key(entry)
      guard known[key] == nil else { throw element.fault("this rate stands here twice") }
      known[key] = MeasuredRate(
        mean: try entry.required(.mean).number(in: 0...1e15), count: try entry.required(.count).number(in: 0...1e15))
    }
  }

  private static func key(_ entry: JSONFields<EntryKey>) throws(Fault) -> RateKey {
    switch try entry.required(.of).choice(of: Subject.self) {
    case .decode: .decode(codec: try entry.required(.codec).string(), size: try size(entry))
    case .pass: .pass(codec: try entry.required(.codec).string())
    case .gate: .gate(size: try size(entry))
    case .prepare: .prepare(size: try size(entry))
    case .frame: .frame(pipeline: try entry.required(.pipeline).string())
    case .infer: .infer(model: try entry.required(.model).string())
    case .load: .load(model: try entry.required(.model).string())
    case .task: .task
    case .item: .item
    case .passing: .passing(pipeline: try entry.required(.pipeline).string())
    case .crops:
      .crops(pipeline: try entry.required(.pipeline).string(), step: try entry.required(.step).integer(in: 0...1000))
    case .decoded: .decoded(codec: try entry.required(.codec).string(), sampling: try sampling(entry))
    case .memory: .memory(pipeline: try entry.required(.pipeline).string(), size: try size(entry))
    }
  }

  private static func size(_ entry: JSONFields<EntryKey>) throws(Fault) -> Size {
    Size(
      width: try entry.required(.width).integer(in: 1...65_536),
      height: try entry.required(.height).integer(in: 1...65_536))
  }

  private static func sampling(_ entry: JSONFields<EntryKey>) throws(Fault) -> Sampling {
    switch try entry.required(.sample).choice(of: SampleWord.self) {
    case .all: .all
    case .keyFrames: .keyFrames
    case .every: .every(seconds: try entry.required(.every).number(in: 1e-9...1e9))
    }
  }
}
