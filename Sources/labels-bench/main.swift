import Base
import Glibc
import Insights
import JSON
import Predictions

// What bench/analysers/content and bench/analysers/safety ask of Insights: lines of predictions in, a result of each file out, a line each.
//
//   labels-bench content|safety PREDICTIONS [MAPPING]

/// One file's frames, in their order; networks are known by their names, with the labels that were met.
struct Film {
  var frames: [(index: Int, time: Double, predictions: [Prediction])] = []

  mutating func add(_ row: PredictionRow, step: Int) {
    var prediction = row.prediction
    prediction.step = step
    if frames.last?.index != row.stamp.index { frames.append((row.stamp.index, row.stamp.time, [])) }
    frames[frames.count - 1].predictions.append(prediction)
  }
}

func films(_ path: String) throws(Fault) -> (names: [String], films: [String: Film], networks: [AnsweringNetwork]) {
  var (names, films, networks) = ([String](), [String: Film](), [AnsweringNetwork]())
  var labels: [Set<String>] = []
  for line in try FileSystem.read(path, limit: 1 << 30).split(separator: 10) {
    let row = try PredictionRow(JSONDocument(parsing: String(decoding: line, as: UTF8.self), name: path).root)
    let step = networks.firstIndex { $0.version == row.model } ?? networks.count
    if step == networks.count {
      networks.append(AnsweringNetwork(name: String(row.model.prefix { $0 != "@" }), version: row.model))
      labels.append([])
    }
    if let label = row.prediction.label { labels[step].insert(label) }
    if films[row.stamp.file] == nil { names.append(row.stamp.file) }
    films[row.stamp.file, default: Film()].add(row, step: step)
  }
  for step in networks.indices { networks[step].labels = labels[step].sorted() }
  return (names, films, networks)
}

func run(_ words: [String]) throws(Fault) {
  guard words.count >= 3, ["content", "safety"].contains(words[1]) else {
    throw Fault(.usage, "expected: labels-bench content|safety PREDICTIONS [MAPPING]")
  }
  let (names, films, networks) = try films(words[2])
  let mapping =
    words.count > 3 ? try SafetyMapping.read(bytes: FileSystem.read(words[3]), name: words[3]) : .builtIn
  for name in names {
    let line = JSONWriter.line { json in
      json.field("file", name)
      json.field("result") { json in
        var (content, safety) = (
          ContentSummary(networks: networks), SafetyAssessment(mapping: mapping, networks: networks)
        )
        for frame in films[name]?.frames ?? [] {
          content.add(time: frame.time, predictions: frame.predictions)
          safety.add(frame: frame.index, time: frame.time, predictions: frame.predictions)
        }
        if words[1] == "content" { content.finish().write(into: &json) } else { safety.finish().write(into: &json) }
      }
    }
    print(String(decoding: line, as: UTF8.self), terminator: "")
  }
}

do throws(Fault) { try run(CommandLine.arguments) } catch {
  print("labels-bench: \(error.message)")
  exit(1)
}
