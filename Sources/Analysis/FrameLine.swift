internal import Base
internal import Inference
internal import Media
internal import Pipelines
internal import Predictions
internal import Reports
internal import Vision

/// Frames on their way through the networks of a pipeline, in the order in which they were brought.
///
/// Networks work at the same time, each on its own unit. Nobody waits for a unit that is full as long as another has
/// something to do: what it cannot take yet is kept in line and offered again when an answer comes. One thread at a time.
///
/// Places in line and questions are used again and again, so frames in which nothing is found need no memory of ours.
final class FrameLine {
  /// A place in line: a frame, and what is known of it so far.
  private struct Work {
    var frame: Frame?
    var watch = Stopwatch()
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

  /// A unit, and the questions that wait for it.
  private struct Desk {
    let model: LoadedModel
    var waiting: [Slip] = []
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
  private var answered: [Question] = []
  private var slips: [Slip] = []
  /// Numbers of the slips that carry no question.
  private var idle: [Int] = []
  /// Places in line, by the number of the frame modulo their count.
  private var works: [Work]
  /// Number of the oldest frame in line, and of the next.
  private var (first, next) = (0, 0)
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
    let nothing = [[Found]](repeating: [], count: pipeline.infer.count)
    works = (0..<limit).map { _ in Work(found: nothing) }
    asked = Array(repeating: 0, count: pipeline.infer.count)
  }

  /// As many frames are in line as may be: take one before bringing another.
  var isFull: Bool { next - first >= limit }
  var isEmpty: Bool { next == first }

  func add(_ frame: Frame) throws(Fault) {
    let place = next % limit
    (works[place].frame, works[place].watch, works[place].fault) = (frame, Stopwatch(), nil)
    for step in works[place].found.indices { works[place].found[step].removeAll(keepingCapacity: true) }
    next += 1
    for step in roots { ask(about: next - 1, step, Found()) }
    try pump()
  }

  /// The oldest frame, if all its answers are there.
  func take() throws(Fault) -> Done? {
    try pump()
    let place = first % limit
    guard !isEmpty, works[place].open == 0, let frame = works[place].frame else { return nil }
    works[place].frame = nil
    first += 1
    if let fault = works[place].fault { throw fault }
    return Done(frame: frame, predictions: flat(works[place].found), nanoseconds: works[place].watch.nanoseconds)
  }

  /// Sleeps until all answers about the oldest frame are there; the line must not be empty.
  func takeNext() throws(Fault) -> Done {
    while true {
      if let done = try take() { return done }
      inbox.wait()
    }
  }

  private func ask(about frame: Int, _ step: Int, _ found: Found) {
    let place = frame % limit
    works[place].found[step].append(found)
    works[place].open += 1
    asked[step] += 1
    if idle.isEmpty {
      idle.append(slips.count)
      slips.append(Slip(number: slips.count, inbox))
    }
    let slip = slips[idle.removeLast()]
    slip.question.begin(frame: frame, step: step, crop: works[place].found[step].count - 1)
    desks[deskOf[step]].waiting.append(slip)
  }

  /// Takes answers in, and gives the units what they have room for.
  private func pump() throws(Fault) {
    inbox.take(into: &answered)
    for question in answered { receive(question) }
    answered.removeAll(keepingCapacity: true)
    for desk in desks.indices {
      var sent = 0
      defer { desks[desk].waiting.removeFirst(sent) }
      for slip in desks[desk].waiting {
        // Whose questions are all answered is told of no further answer, and waits for a place instead.
        guard try submit(slip, desk, mayWait: desks[desk].inside == 0) else { break }
        desks[desk].inside += 1
        sent += 1
      }
    }
  }

  private func submit(_ slip: Slip, _ desk: Int, mayWait: Bool) throws(Fault) -> Bool {
    let (model, question) = (desks[desk].model, slip.question)
    let place = question.frame % limit
    guard let frame = works[place].frame else { preconditionFailure("a frame left the line with a question open") }
    let region = works[place].found[question.step][question.crop].region
    question.ask(model.head, placement(region, of: frame, in: model))
    if mayWait {
      try model.unit.submit(fill: { (input) throws(Fault) in try question.fill(input, frame, model) }, done: slip.done)
    } else {
      let isIn = try model.unit.submitIfFree(
        fill: { (input) throws(Fault) in try question.fill(input, frame, model) }, done: slip.done)
      guard isIn else { return false }
    }
    stages.add(.wait, nanoseconds: question.waited)
    stages.add(.prepare, nanoseconds: question.prepared)
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

  private func receive(_ question: Question) {
    let (place, step) = (question.frame % limit, question.step)
    stages.add(.infer, nanoseconds: question.nanoseconds)
    desks[deskOf[step]].inside -= 1
    works[place].open -= 1
    switch question.outcome {
    case .failure(let fault): works[place].fault = works[place].fault ?? fault
    case .success(let answers):
      let kept = answers.filter(pipeline.infer[step].keeps)
      works[place].found[step][question.crop].answers = kept
      cut(question, kept)
    }
    question.outcome = .success([])
    idle.append(question.number)
  }

  /// Shows other networks what one found.
  private func cut(_ question: Question, _ answers: [Prediction]) {
    for step in pipeline.crops(of: question.step) {
      for (position, answer) in answers.enumerated() {
        guard let region = pipeline.infer[step].crop(of: answer) else { continue }
        ask(about: question.frame, step, Found(region: region, source: (question.crop, position)))
      }
    }
  }

  /// All answers in one list: network by network, in the order of what they were found on, whenever they came.
  private func flat(_ found: [[Found]]) -> [Prediction] {
    if pipeline.infer.count == 1 { return found[0][0].answers }
    var list: [Prediction] = []
    // Where the answers to each question begin, by network and crop.
    var starts: [[Int]] = []
    for (step, questions) in found.enumerated() {
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
