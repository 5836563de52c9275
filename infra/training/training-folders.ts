import { join } from "node:path";

/**
 * Where SageMaker puts what a training is given and takes what it leaves (SageMaker Developer
 * Guide, "How Amazon SageMaker AI Provides Training Information" and "… Processes Training Output").
 */
export interface TrainingFolders {
  hyperparameters: string;
  resources: string;
  channelConfig: string;
  /** Below it a folder for each channel. */
  channels: string;
  /** What is here at the end becomes `model.tar.gz`. */
  model: string;
  /** Copied to the job's `CheckpointConfig` as it changes, and back before a job goes on. */
  checkpoints: string;
  /** Its first 1,024 characters are the job's `FailureReason`. */
  failure: string;
}

export function trainingFolders(root: string): TrainingFolders {
  return {
    hyperparameters: join(root, "input/config/hyperparameters.json"),
    resources: join(root, "input/config/resourceconfig.json"),
    channelConfig: join(root, "input/config/inputdataconfig.json"),
    channels: join(root, "input/data"),
    model: join(root, "model"),
    checkpoints: join(root, "checkpoints"),
    failure: join(root, "output/failure"),
  };
}
