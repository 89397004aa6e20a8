extension AWSFiles {
  var machine: YAMLText { rights + definition + piece + last }

  private var rights: YAMLText {
    """
      JobMachine: # hands the items of a job out: plan, pieces beside each other, merge
        Type: AWS::Serverless::StateMachine
        Properties:
          Type: STANDARD
          DefinitionSubstitutions:
            TaskFunction: !GetAtt TaskFunction.Arn
            ItemsBucket: !Ref ItemsBucket
          Policies:
            - LambdaInvokePolicy: { FunctionName: !Ref TaskFunction }
            - S3ReadPolicy: { BucketName: !Ref ItemsBucket }
            - S3WritePolicy: { BucketName: !Ref ItemsBucket }
            - Statement:
                # A Distributed Map starts the machine itself, once for each item. Its name is the stack's, since a role cannot wait for the machine that waits for it.
                - Effect: Allow
                  Action: states:StartExecution
                  Resource: !Sub arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-job
                - Effect: Allow
                  Action: [states:DescribeExecution, states:StopExecution]
                  Resource: !Sub arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${AWS::StackName}-job/*
                - Effect: Allow
                  Action: states:RedriveExecution
                  Resource: !Sub arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${AWS::StackName}-job/items:*
          Name: !Sub ${AWS::StackName}-job

    """
  }

  private var definition: YAMLText {
    """
          Definition:
            StartAt: Items
            States:
              Items:
                Type: Map
                Label: items
                ItemReader:
                  Resource: arn:aws:states:::s3:getObject
                  ReaderConfig: { InputType: JSON }
                  Parameters: { Bucket.$: $.bucket, Key.$: $.key }
                MaxConcurrency: \(site.function.items) # items at the same time
                ToleratedFailurePercentage: 100 # an item that never can be done is one among the others
                ResultWriter: # without it the outputs together are more than the 256 KiB that a state may have
                  Resource: arn:aws:states:::s3:putObject
                  Parameters: { Bucket: "${ItemsBucket}", Prefix: results }
                End: true
                ItemProcessor:
                  ProcessorConfig: { Mode: DISTRIBUTED, ExecutionType: STANDARD }
                  StartAt: Plan
                  States:
                    Plan:
                      Type: Task
                      Resource: arn:aws:states:::lambda:invoke
                      Parameters:
                        FunctionName: ${TaskFunction}
                        Payload: { do: plan, job.$: $.job, item.$: $.item }
                      ResultSelector: { pieces.$: $.Payload.pieces, last.$: $.Payload.last }
                      ResultPath: $.plan
                      Retry:
                        - { ErrorEquals: [NeverDone, OtherPlan, WrongCall, WrongSetup], MaxAttempts: 0 }
                        # TryAgain, and whatever else happens to a function: throttled, out of memory, gone.
                        - { ErrorEquals: [States.ALL], IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, MaxAttempts: 6, JitterStrategy: FULL }
                      Next: Pieces

    """
  }

  private var piece: YAMLText {
    """
                    Pieces:
                      Type: Map
                      ItemsPath: $.plan.pieces
                      ItemSelector: { job.$: $.job, item.$: $.item, number.$: $$.Map.Item.Value }
                      MaxConcurrency: 40 # an inline map's most
                      ResultPath: null
                      Next: Last
                      ItemProcessor:
                        ProcessorConfig: { Mode: INLINE }
                        StartAt: Piece
                        States:
                          Piece:
                            Type: Task
                            Resource: arn:aws:states:::lambda:invoke
                            Parameters:
                              FunctionName: ${TaskFunction}
                              Payload: { do: run, job.$: $.job, item.$: $.item, number.$: $.number }
                            ResultPath: null
                            OutputPath: null
                            Retry:
                              - { ErrorEquals: [NeverDone, OtherPlan, WrongCall, WrongSetup], MaxAttempts: 0 }
                              - { ErrorEquals: [States.ALL], IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, MaxAttempts: 6, JitterStrategy: FULL }
                            # The last task is always asked: it says how the item is.
                            Catch: [{ ErrorEquals: [States.ALL], ResultPath: null, Next: Left }]
                            End: true
                          Left: { Type: Pass, OutputPath: null, End: true }

    """
  }

  private var last: YAMLText {
    """
                    Last:
                      Type: Task
                      Resource: arn:aws:states:::lambda:invoke
                      Parameters:
                        FunctionName: ${TaskFunction}
                        Payload: { do: run, job.$: $.job, item.$: $.item, number.$: $.plan.last }
                      ResultPath: null
                      Retry:
                        - { ErrorEquals: [NeverDone, OtherPlan, WrongCall, WrongSetup], MaxAttempts: 0 }
                        - { ErrorEquals: [States.ALL], IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, MaxAttempts: 6, JitterStrategy: FULL }
                      # From then on it is one task.
                      Catch: [{ ErrorEquals: [OtherPlan], ResultPath: null, Next: Plan }]
                      End: true


    """
  }
}
