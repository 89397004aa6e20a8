internal import Base
internal import Inference
internal import Media
internal import Pipelines
internal import Reports
internal import Vision

/// Frames on their way through the networks of a pipeline, in the order in which they were brought.
///
/// Networks work at the same time, each on its own unit. Nobody waits for a unit that is full as long as another has
/// something to do: what it cannot take yet is kept in line and offered again when an answer comes. One thread at a time.
final class FrameLine {
  /// A frame, and what is known of it so far.
  private struct Work {
    let frame: Frame
    let watch = Stopwatch()
    /// By network and crop.
    var found: [[Found]]
    /// Questions that were not answered yet.
    var open = 0
    var fault: Fault?
  }

  /// One question's answers.
  private struct Found {
    /// The part of the picture that was shown, in fractions; `nil` for all of it.
    var region: Rect?
    /// The detection that was shown: crop and position among the answers of its own network.
    var source = (crop: 0, position: 0)
    var answers: [Prediction] = []
  }

  private struct Question {
    var frame: Int
    var step: Int
    var crop: Int
    var watch = Stopwatch()
  }

  /// A unit, and the questions that wait for it.
  private struct Desk {
    let model: LoadedModel
    var waiting: [Question] = []
    /// Questions of this line inside the unit.
    var inside = 0
  }

  /// A frame whose answers are all there.
  struct Done {
    let frame: Frame
    /// In the order of the networks; parents stand before what was found on them.
    let predictions: [Prediction]
    let nanoseconds: Int
  }

  private let pipeline: Pipeline
  private let roots: [Int]
  private let limit: Int
  /// The desk of each network.
  private let deskOf: [Int]
  private var desks: [Desk] = []
  private let inbox = Inbox()
  private var works: [Work] = []
  /// Number of the oldest frame in line.
  private var first = 0
  private(set) var stages = StageTimes()
  /// Questions asked of each network.
  private(set) var asked: [Int]

  init(_ loaded: LoadedPipeline) {
    pipeline = loaded.pipeline
    var deskOf: [Int] = []
    for model in loaded.models {
      if let same = desks.firstIndex(where: { $0.model === model }) {
        deskOf.append(same)
      } else {
        deskOf.append(desks.count)
        desks.append(Desk(model: model))
      }
    }
    self.deskOf = deskOf
    roots = pipeline.infer.indices.filter { loaded.pipeline.infer[$0].on == nil }
    limit = desks.reduce(0) { $0 + $1.model.unit.capacity }
    asked = Array(repeating: 0, count: pipeline.infer.count)
  }

  /// As many frames are in line as may be: take one before bringing another.
  var isFull: Bool { works.count >= limit }
  var isEmpty: Bool { works.isEmpty }

  func add(_ frame: Frame) throws(Fault) {
    var work = Work(frame: frame, found: Array(repeating: [], count: pipeline.infer.count))
    let number = first + works.count
    for step in roots {
      work.found[step] = [Found()]
      ask(Question(frame: number, step: step, crop: 0), &work)
    }
    works.append(work)
    try pump()
  }

  /// The oldest frame, if all its answers are there.
  func take() throws(Fault) -> Done? {
    try pump()
    guard let work = works.first, work.open == 0 else { return nil }
    works.removeFirst()
    first += 1
    if let fault = work.fault { throw fault }
    return Done(frame: work.frame, predictions: flat(work), nanoseconds: work.watch.nanoseconds)
  }

  /// Sleeps until all answers about the oldest frame are there; the line must not be empty.
  func takeNext() throws(Fault) -> Done {
    while true {
      if let done = try take() { return done }
      inbox.wait()
    }
  }

  private func ask(_ question: Question, _ work: inout Work) {
    work.open += 1
    asked[question.step] += 1
    desks[deskOf[question.step]].waiting.append(question)
  }

  /// Takes answers in, and gives the units what they have room for.
  private func pump() throws(Fault) {
    for arrival in inbox.take() { receive(arrival) }
    for desk in desks.indices {
      var sent = 0
      defer { desks[desk].waiting.removeFirst(sent) }
      for question in desks[desk].waiting {
        // Whose questions are all answered is told of no further answer, and waits for a place instead.
        guard try submit(question, desk, mayWait: desks[desk].inside == 0) else { break }
        desks[desk].inside += 1
        sent += 1
      }
    }
  }

  private func submit(_ question: Question, _ desk: Int, mayWait: Bool) throws(Fault) -> Bool {
    let model = desks[desk].model
    let work = works[question.frame - first]
    let placement = placement(work.found[question.step][question.crop].region, of: work.frame, in: model)
    let (inbox, head, filled) = (inbox, model.head, Stopwatch())
    var waited = 0
    let fill = { (place: borrowing InputPlace) throws(Fault) in
      waited = question.watch.nanoseconds
      try place.write { (bytes) throws(Fault) in
        try work.frame.render(
          into: &bytes, size: model.input, source: placement.source, target: placement.target, order: model.order,
          pad: model.recipe.input.pad)
      }
    }
    let done: @Sendable (Result<Outputs, Fault>) -> Void = { result in
      let outcome = result.map { head.decode($0, at: placement) }
      inbox.put(
        Arrival(
          frame: question.frame, step: question.step, crop: question.crop, outcome: outcome,
          nanoseconds: filled.nanoseconds))
    }
    if mayWait {
      try model.unit.submit(fill: fill, done: done)
    } else {
      guard try model.unit.submitIfFree(fill: fill, done: done) else { return false }
    }
    stages.add(.wait, nanoseconds: waited)
    stages.add(.prepare, nanoseconds: question.watch.nanoseconds - waited)
    return true
  }

  private func placement(_ region: Rect?, of frame: Frame, in model: LoadedModel) -> Placement {
    guard let region else { return Placement(picture: frame.size, network: model.input, recipe: model.recipe.input) }
    let (width, height) = (Double(frame.size.width), Double(frame.size.height))
    let pixels = Rect(
      x: region.x * width, y: region.y * height, width: max(1, region.width * width),
      height: max(1, region.height * height))
    return Placement(picture: frame.size, region: pixels, network: model.input, recipe: model.recipe.input)
  }

  private func receive(_ arrival: Arrival) {
    let index = arrival.frame - first
    stages.add(.infer, nanoseconds: arrival.nanoseconds)
    desks[deskOf[arrival.step]].inside -= 1
    var work = works[index]
    work.open -= 1
    switch arrival.outcome {
    case .failure(let fault): work.fault = work.fault ?? fault
    case .success(let answers):
      let kept = answers.filter(pipeline.infer[arrival.step].keeps)
      work.found[arrival.step][arrival.crop].answers = kept
      cut(arrival, kept, &work)
    }
    works[index] = work
  }

  /// Shows other networks what one found.
  private func cut(_ arrival: Arrival, _ answers: [Prediction], _ work: inout Work) {
    for step in pipeline.crops(of: arrival.step) {
      for (position, answer) in answers.enumerated() {
        guard let region = pipeline.infer[step].crop(of: answer) else { continue }
        work.found[step].append(Found(region: region, source: (arrival.crop, position)))
        ask(Question(frame: arrival.frame, step: step, crop: work.found[step].count - 1), &work)
      }
    }
  }

  /// All answers in one list: network by network, in the order of what they were found on, whenever they came.
  private func flat(_ work: Work) -> [Prediction] {
    if pipeline.infer.count == 1 { return work.found[0][0].answers }
    var list: [Prediction] = []
    // Where the answers to each question begin, by network and crop.
    var starts: [[Int]] = []
    for (step, questions) in work.found.enumerated() {
      var places = Array(repeating: 0, count: questions.count)
      let parents = pipeline.infer[step].on.map { on in
        questions.map { starts[on][$0.source.crop] + $0.source.position }
      }
      let order = parents.map { parents in questions.indices.sorted { parents[$0] < parents[$1] } }
      for question in order ?? Array(questions.indices) {
        places[question] = list.count
        for answer in questions[question].answers {
          var answer = answer
          (answer.step, answer.parent) = (step, parents?[question])
          if let parent = answer.parent { answer.box = answer.box ?? list[parent].box }
          list.append(answer)
        }
      }
      starts.append(places)
    }
    return list
  }
}
