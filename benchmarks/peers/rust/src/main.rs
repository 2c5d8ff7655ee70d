//! hdfs-native's own Rust client as a peer of the benchmark; see ../../README.md for the lines it understands.
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::future::try_join_all;
use futures::StreamExt;
use hdfs_native::client::WriteOptions;
use hdfs_native::{Client, ClientBuilder};
use tokio::io::{AsyncBufReadExt, BufReader};

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut client: Option<Client> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let word: Vec<String> = line.trim().split(' ').map(String::from).collect();
        let start = Instant::now();
        let done = if word[0] == "CONNECT" {
            client = ClientBuilder::new().with_url(word[1].clone()).with_user("root").build().ok();
            Ok(0)
        } else {
            job(client.clone().expect("CONNECT comes first"), word).await
        };
        match done {
            Ok(count) => println!("ok {} {}", start.elapsed().as_secs_f64() * 1000.0, count),
            Err(problem) => println!("error {}", problem.to_string().replace('\n', " ")),
        }
    }
}

async fn job(client: Client, word: Vec<String>) -> Result<u64, Failure> {
    let path = word[1].clone();
    match word[0].as_str() {
        "read" => {
            let mut file = client.read(&path).await?;
            let mut buffer = vec![0u8; 1 << 20];
            let mut total = 0u64;
            loop {
                let count = file.read_into(&mut buffer).await?;
                if count == 0 {
                    return Ok(total);
                }
                total += count as u64;
            }
        }
        "write" => {
            let size: usize = word[2].parse()?;
            let options = WriteOptions::default().overwrite(true).replication(word[3].parse()?).block_size(128 << 20);
            let mut file = client.create(&path, options).await?;
            let chunk: Vec<u8> = (0..1usize << 20).map(|i| (i * 31 + (i >> 8) * 7) as u8).collect();
            let chunk = Bytes::from(chunk);
            let mut left = size;
            while left > 0 {
                let part = chunk.slice(..left.min(chunk.len()));
                left -= part.len();
                file.write_bytes(part).await?;
            }
            file.close().await?;
            Ok(size as u64)
        }
        "stat" => {
            each(&word, |_| {
                let (client, path) = (client.clone(), path.clone());
                async move { client.get_file_info(&path).await.map(|_| ()).map_err(Failure::from) }
            })
            .await
        }
        "create" => {
            each(&word, |index| {
                let (client, path) = (client.clone(), path.clone());
                async move {
                    let options = WriteOptions::default().overwrite(true).replication(1).block_size(128 << 20);
                    let mut file = client.create(&format!("{path}/f{index}"), options).await?;
                    file.write_bytes(Bytes::from(vec![0u8; 1024])).await?;
                    file.close().await?;
                    Ok(())
                }
            })
            .await
        }
        "mkdirs" => {
            each(&word, |index| {
                let (client, path) = (client.clone(), path.clone());
                async move { client.mkdirs(&format!("{path}/d{index}"), 0o755, true).await.map_err(Failure::from) }
            })
            .await
        }
        "list" => {
            let mut entries = client.list_status_iter(&path, false).into_stream();
            let mut count = 0;
            while let Some(entry) = entries.next().await {
                entry?;
                count += 1;
            }
            Ok(count)
        }
        "pread" => {
            let file = Arc::new(client.read(&path).await?);
            let span = (file.file_length() - 4096) as u64;
            each(&word, |index| {
                let file = file.clone();
                let place = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % span;
                async move { file.read_range(place as usize, 4096).await.map(|_| ()).map_err(Failure::from) }
            })
            .await
        }
        other => Err(format!("unknown job {other}").into()),
    }
}

/// Runs COUNT steps, INFLIGHT at a time.
async fn each<F, S>(word: &[String], step: S) -> Result<u64, Failure>
where
    S: Fn(usize) -> F,
    F: std::future::Future<Output = Result<(), Failure>>,
{
    let count: usize = word[2].parse()?;
    let inflight: usize = word[3].parse()?;
    let next = AtomicUsize::new(0);
    try_join_all((0..inflight).map(|_| async {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return Ok::<(), Failure>(());
            }
            step(index).await?;
        }
    }))
    .await?;
    Ok(count as u64)
}
