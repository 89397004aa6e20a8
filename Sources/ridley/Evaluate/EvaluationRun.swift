import Analysis
import Base
import Evaluation
import Execution
import Isolation
import Media
import Predictions
import Vision

/// A model over the pictures of a truth: what it answers, as samples.
struct EvaluationRun {
  /// A picture that was looked at.
  struct Seen {
    let picture: Truth.Picture
    let path: String
    /// Of the upright picture, in the truth's pixels.
    let size: Size
    /// What the model tells of it where it is not evaluated; of classes the first.
    let predictions: [Prediction]
  }

  private let model: LoadedModel
  private let file: TruthFile
  /// Labels of truth and model, in the order of the truth; in classification all of the model.
  let labels: [String]
  private let places: [String: Int]
  private(set) var seen: [Seen] = []
  private(set) var boxes: [DetectionSample] = []
  private(set) var classes: [ClassificationSample] = []
  /// For people, one sentence each.
  private(set) var notes: [String]
  /// Pictures that the truth has and that could not be looked at, and why.
  private(set) var failures: [(file: String, reason: String)] = []
  private var turned = 0
  private var foreign: [String: Int] = [:]
  private var unknown: [String: Int] = [:]

  /// From which score on the model tells of an answer, where it is not evaluated.
  let threshold: Double

  init(_ model: LoadedModel, _ file: TruthFile, threshold: Double) throws(Fault) {
    (self.model, self.file, self.threshold) = (model, file, threshold)
    let (own, truth) = (model.recipe.labels, file.truth)
    try Self.check(truth, model)
    let known = Set(own)
    let shared = truth.labels.filter { known.contains($0) }
    guard !shared.isEmpty else {
      throw Fault(
        .badInput,
        "the truth and \(model.name) have no label in common: the truth has \(Self.list(truth.labels)), the model \(Self.list(own)); say --map TRUTH=MODEL"
      )
    }
    labels = truth.kind == .boxes ? shared : own
    places = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    notes = truth.notes
    let missing = truth.labels.filter { !known.contains($0) }
    if !missing.isEmpty {
      let hints = missing.prefix(12).map { "'\($0)'\(Suggestion.hint(for: $0, among: own))" }.joined(separator: ", ")
      notes.append(
        "Not counted: \(missing.count) of \(truth.labels.count) labels of the truth, which the model does not have: \(hints); --map gives them other names."
      )
    }
  }

  private static func check(_ truth: Truth, _ model: LoadedModel) throws(Fault) {
    let task = model.recipe.task
    guard truth.kind == .boxes ? task == .detection || task == .pose : task == .classification else {
      let what = truth.kind == .boxes ? "boxes" : "classes of whole pictures"
      throw Fault(
        .unsupported, "the truth is of \(what), and \(model.name) is for \(task.rawValue): they cannot be compared")
    }
    guard !truth.pictures.isEmpty else { throw Fault(.badInput, "the truth has no picture") }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// Looks at every picture; frames of one film are looked at in one go.
  mutating func run(_ bar: ProgressBar) throws(Fault) {
    var groups: [(file: String, places: [Int])] = []
    var known: [String: Int] = [:]
    for (place, picture) in file.truth.pictures.enumerated() {
      if picture.frame != nil, let group = known[picture.file] {
        groups[group].places.append(place)
      } else {
        known[picture.file] = groups.count
        groups.append((picture.file, [place]))
      }
    }
    for (number, group) in groups.enumerated() {
      bar.show(share: Double(number) / Double(groups.count), detail: "\(number) of \(groups.count)")
      let pictures = group.places.map { file.truth.pictures[$0] }
      do throws(Fault) { try look(at: pictures) } catch {
        guard !Interrupt.isAsked else { throw error }
        for picture in pictures { failures.append((picture.file, error.message)) }
      }
    }
    tell()
  }

  private mutating func look(at pictures: [Truth.Picture]) throws(Fault) {
    guard let path = file.path(of: pictures[0]), !path.isEmpty else {
      throw Fault(.notFound, "the picture is not there, or several folders have one of this name")
    }
    let wanted = Dictionary(pictures.map { ($0.frame ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
    var found: [Int: [Prediction]] = [:]
    let analyzer = try Analyzer(path, model: model, sampling: .all)
    _ = try analyzer.run(
      isStopped: { Interrupt.isAsked },
      each: { (_, stamp, predictions) throws(Fault) in
        SharedFlags.beat()
        if wanted[stamp.index] != nil { found[stamp.index] = predictions }
      })
    guard !Interrupt.isAsked else { throw Quantizer.stopped }
    for picture in pictures {
      guard let predictions = found[picture.frame ?? 0] else {
        failures.append((picture.file, "it has no frame \(picture.frame ?? 0)"))
        continue
      }
      add(picture, path, analyzer.info, predictions)
    }
  }

  private mutating func add(_ picture: Truth.Picture, _ path: String, _ info: MediaInfo, _ found: [Prediction]) {
    let placement = TruthPlacement(picture, info)
    guard let size = placement.size else {
      failures.append(
        (picture.file, "the truth was made on a picture of \(picture.size!), and this one has \(info.size)"))
      return
    }
    if case .stored = placement { turned += 1 }
    let told: [Prediction]
    switch file.truth.kind {
    case .boxes:
      boxes.append(boxSample(picture, placement, info.orientation, size, found))
      told = found.filter { Double($0.score ?? 1) >= threshold }
    case .classes:
      guard let label = picture.label, let truth = places[label] else {
        unknown[picture.label ?? "", default: 0] += 1
        return
      }
      let answers = found.compactMap { answer in
        answer.label.flatMap { places[$0] }.map {
          ClassificationSample.Answer(label: $0, score: Double(answer.score ?? 0))
        }
      }
      classes.append(ClassificationSample(truth: truth, answers: answers, slice: picture.slice))
      told = Array(found.prefix(1))
    }
    seen.append(Seen(picture: picture, path: path, size: size, predictions: told))
  }

  private mutating func boxSample(
    _ picture: Truth.Picture, _ placement: TruthPlacement, _ orientation: Orientation, _ size: Size,
    _ found: [Prediction]
  ) -> DetectionSample {
    let objects = picture.objects.compactMap { object in
      places[object.label].map {
        DetectionSample.Object(
          category: $0, box: placement.box(object.box, orientation), area: object.area, isCrowd: object.isCrowd,
          isIgnored: object.isIgnored)
      }
    }
    var answers: [DetectionSample.Found] = []
    let (width, height) = (Double(size.width), Double(size.height))
    for prediction in found {
      guard let box = prediction.box, let score = prediction.score else { continue }
      guard let category = places[prediction.label ?? ""] else {
        if Double(score) >= threshold { foreign[prediction.label ?? "", default: 0] += 1 }
        continue
      }
      answers.append(
        DetectionSample.Found(
          category: category,
          box: Rect(x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height),
          score: Double(score)))
    }
    return DetectionSample(objects: objects, found: answers, slice: picture.slice)
  }

  private mutating func tell() {
    if turned > 0 {
      notes.append(
        "\(turned) pictures are turned by a mark in their files, and the truth was made on them as they are stored: its boxes were turned."
      )
    }
    if !foreign.isEmpty {
      let labels = Self.list(foreign.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key))
      notes.append(
        "Not counted: \(foreign.values.reduce(0, +)) answers with labels that the truth does not have: \(labels).")
    }
    if !unknown.isEmpty {
      notes.append(
        "Not counted: \(unknown.values.reduce(0, +)) pictures whose label the model does not have: \(Self.list(unknown.keys.sorted()))."
      )
    }
  }
}
