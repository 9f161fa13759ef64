import { env } from '@tensorflow/tfjs-core';

// tfjs otherwise prints an advertisement for its native backend to the standard error of every command.
env().set('PROD', true);
