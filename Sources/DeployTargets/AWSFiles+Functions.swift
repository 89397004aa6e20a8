extension AWSFiles {
  /// Where models are in the image of functions (examples/aws/Dockerfile).
  private var models: String { site.place("models") ?? "/models" }

  /// Jobs that are begun by HTTP have no machine that hands them out, so somebody looks after them every minute.
  var functions: YAMLText {
    """
    Resources:
      TaskFunction: # one task of a job each time
        Type: AWS::Serverless::Function
        Properties:
          PackageType: Image
          ImageUri: !Ref ImageUri
          ImageConfig: { Command: [function, task, --models, \(models)] }
          MemorySize: \(site.function.memory) # 1769 bring one whole core; a task works on one
          Timeout: 900 # Lambda's most, and what 'ridley job start --profile lambda' plans with
          EphemeralStorage: { Size: \(site.function.disk) }
          Policies: [!Ref LibraryAccess]

    """ + (site.isTaskKeeperKnown ? schedule : "") + "\n" + api
  }

  private var schedule: YAMLText {
    """
          Events: # tasks of what was begun by POST /v1/analyses
            Work: { Type: Schedule, Properties: { Schedule: rate(1 minute), Input: '{"do": "work"}' } }

    """
  }

  private var api: YAMLText {
    """
      ApiFunction: # the library's routes for one request
        Type: AWS::Serverless::Function
        Properties:
          PackageType: Image
          ImageUri: !Ref ImageUri
          ImageConfig: { Command: [function, api, --models, \(models)\(word: site.place("pipelines").map { ", --pipelines, \($0)" } ?? "")] }
          MemorySize: 3008
          Timeout: 29 # an HTTP API waits for 30 seconds
          Policies: [!Ref LibraryAccess]
          Events: # callers show a key of Ridley, as at a server: 'ridley key create' with the addresses of this library

    """ + (site.isTaskKeeperKnown ? start : withoutStart) + """
              Job: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: "/v1/jobs/{job}" } }
              Items: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: "/v1/jobs/{job}/items" } }
              Answers: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: "/v1/assets/{proxy+}" } }

        Api:
          Type: AWS::Serverless::HttpApi
          Properties:
            DefaultRouteSettings: { ThrottlingBurstLimit: 20, ThrottlingRateLimit: 10 } # requests a second, of all callers together


      """
  }

  private var start: YAMLText {
    """
            Start: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: /v1/analyses } }

    """
  }

  private var withoutStart: YAMLText {
    guard site.hasBus else { return "" }
    return """
              # No POST /v1/analyses: whether the store that is secret keeps tasks is not known here. Where it is PostgreSQL, give the site bus: {secret: env:…}, the same address.

      """
  }

  /// What functions may do: the library's objects and items, and nothing else.
  var access: YAMLText {
    let rights: YAMLText = """
        LibraryAccess:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument:
              Version: "2012-10-17"
              Statement:
                - Effect: Allow
                  Action: [s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload, s3:ListMultipartUploadParts]
                  Resource: !Sub arn:${AWS::Partition}:s3:::${LibraryBucket}/${LibraryPrefix}/*
                - Effect: Allow
                  Action: [s3:ListBucket, s3:ListBucketMultipartUploads]
                  Resource: !Sub arn:${AWS::Partition}:s3:::${LibraryBucket}
                  Condition: { StringLike: { "s3:prefix": !Sub "${LibraryPrefix}/*" } }

      """
    return table == nil ? rights + "\n" : rights + tableRights
  }

  private var tableRights: YAMLText {
    """
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:Query, dynamodb:Scan, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem,
                  dynamodb:ConditionCheckItem, dynamodb:DescribeTable]
                Resource: !GetAtt LibraryTable.Arn


    """
  }

  var items: YAMLText {
    """
      ItemsBucket: # lists of items and what Step Functions says of them; answers are in the library
        Type: AWS::S3::Bucket
        DeletionPolicy: Delete
        UpdateReplacePolicy: Delete
        Properties:
          BucketEncryption:
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: AES256 } }]
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }
          LifecycleConfiguration:
            Rules: [{ Status: Enabled, ExpirationInDays: 30 }]


    """
  }

  /// The table of the library, which stays when the stack goes.
  var libraryTable: YAMLText {
    """
      LibraryTable: # the keys that Ridley asks for (docs/store.md); indexes and the list of changes are items of their own
        Type: AWS::DynamoDB::Table
        DeletionPolicy: Retain
        UpdateReplacePolicy: Retain
        Properties:
          TableName: \(quoted: table?.name ?? "")
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions:
            - { AttributeName: pk, AttributeType: S }
            - { AttributeName: sk, AttributeType: S }
          KeySchema:
            - { AttributeName: pk, KeyType: HASH }
            - { AttributeName: sk, KeyType: RANGE }
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
          SSESpecification: { SSEEnabled: true }


    """
  }
}
